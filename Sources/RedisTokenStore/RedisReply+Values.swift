import Redis

/// What scripts answer, taken apart.
extension RedisReply {
    var integer: Int? {
        if case .integer(let number) = self { number } else { nil }
    }

    /// A number that Redis keeps as text.
    var decimal: Int? {
        text.flatMap { Int($0) }
    }

    var elements: [RedisReply]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    var integers: [Int]? {
        guard let elements else { return nil }
        let integers = elements.compactMap(\.integer)
        return integers.count == elements.count ? integers : nil
    }

    /// An array of texts in pairs, as hashes are told.
    var pairs: [(String, String)]? {
        guard let texts = elements?.compactMap(\.text), texts.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: texts.count, by: 2).map { (texts[$0], texts[$0 + 1]) }
    }

    var isYes: Bool? {
        integer.map { $0 == 1 }
    }
}
