/// Finds the word that somebody meant who mistyped it.
package enum Suggestion {
    /// Bounds the comparison, whose time grows with the product of both lengths. No known word is longer.
    private static let maxLength = 40

    /// The one of `words` that is nearest to `typed`; nil if none is close.
    package static func nearest(to typed: String, among words: [String]) -> String? {
        guard (1...maxLength).contains(typed.utf8.count) else { return nil }
        // An abbreviation such as `--disab` for `--disable`. The last line of this function finds the opposite:
        // `--orgs` and `--organization` for `--org`.
        let beginnings = words.filter { typed.utf8.count > 3 && $0.utf8.starts(with: typed.utf8) }
        if beginnings.count == 1 { return beginnings[0] }
        let bound = typed.utf8.count < 5 ? 1 : 2
        let near = words.map { (word: $0, distance: distance(Array(typed.utf8), Array($0.utf8))) }
        return near.filter { $0.distance <= bound }.min { $0.distance < $1.distance }?.word
            ?? words.first { $0.utf8.count > 3 && typed.utf8.starts(with: $0.utf8) }
    }

    /// How many bytes have to be inserted, deleted, replaced, or swapped with their neighbour.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var before: [Int] = []
        var last = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var next = [row + 1]
            for (column, other) in right.enumerated() {
                let replaced = last[column] + (byte == other ? 0 : 1)
                var least = min(replaced, last[column + 1] + 1, next[column] + 1)
                if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
                    least = min(least, before[column - 1] + 1)
                }
                next.append(least)
            }
            (before, last) = (last, next)
        }
        return last[right.count]
    }
}
