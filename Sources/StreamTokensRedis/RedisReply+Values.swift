import FunctionRedis

/// The values in the scripts' replies. Redis is another program: this lets no number out that arithmetic could trap on.
extension RedisReply {
    /// A whole number.
    var integer: Int? {
        if case .integer(let number) = self { number } else { nil }
    }

    /// A whole number in `range`.
    func integer(in range: ClosedRange<Int>) -> Int? {
        integer.flatMap { range.contains($0) ? $0 : nil }
    }

    /// A time in milliseconds since 1970, up to the end of the year 9999.
    var time: Int? { integer(in: 0...253_402_300_799_999) }

    /// A count.
    var count: Int? { integer(in: 0...Self.exact.upperBound) }

    /// A number that Redis stores as text.
    var decimal: Int? {
        text.flatMap { Int($0) }.flatMap { Self.exact.contains($0) ? $0 : nil }
    }

    /// The range in which scripts and JSON represent whole numbers exactly.
    private static let exact = -(1 << 53)...(1 << 53)

    var elements: [RedisReply]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// An array of whole numbers.
    var integers: [Int]? { elements.flatMap { Self.all($0, \.integer) } }

    /// An array of texts.
    var texts: [String]? { elements.flatMap { Self.all($0, \.text) } }

    /// An array of texts in pairs, as the fields and values of a hash.
    var pairs: [(String, String)]? {
        guard let texts, texts.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: texts.count, by: 2).map { (texts[$0], texts[$0 + 1]) }
    }

    var isYes: Bool? {
        integer.map { $0 == 1 }
    }

    /// The value of each element; nil if one has none.
    private static func all<Value>(_ elements: [RedisReply], _ read: (RedisReply) -> Value?) -> [Value]? {
        let values = elements.compactMap(read)
        return values.count == elements.count ? values : nil
    }
}
