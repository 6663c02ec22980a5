package import StreamTokens

/// The keys that a loop has read lately, by their texts: reading one takes a checksum and a digest.
///
/// It decides nothing: the store judges the key at every mint. A key displaces another of the same place, so any number of
/// keys takes the same memory and the same time.
package final class KeyCache: @unchecked Sendable {
    // Unchecked: it is touched only on its loop's thread.
    private var entries = [Entry?](repeating: nil, count: 256)

    /// All characters of a well-formed key, eight in a word.
    private typealias Text = InlineArray<6, UInt64>

    private struct Entry {
        let text: Text
        let key: APIKey
    }

    package init() {}

    /// A key from its text; nil if the form is wrong or the check does not match.
    package func key(_ text: Substring) -> APIKey? {
        guard let words = Self.words(of: text.utf8.span) else { return APIKey(text) }
        // The last word has the check. Multiplying by the golden ratio spreads it over the upper bits.
        let place = Int((words[5] &* 0x9E37_79B9_7F4A_7C15) >> 56)
        if let entry = entries[place], Self.areEqual(entry.text, words) { return entry.key }
        guard let key = APIKey(text) else { return nil }
        entries[place] = Entry(text: words, key: key)
        return key
    }

    /// Nil if the text is not as long as a key.
    private static func words(of text: Span<UInt8>) -> Text? {
        guard text.count == APIKey.characterCount else { return nil }
        var words = Text(repeating: 0)
        for index in words.indices {
            // The last word overlaps the one before it. Any bits are a number, and the bounds are checked.
            words[index] = unsafe text.bytes.unsafeLoadUnaligned(
                fromByteOffset: min(8 * index, text.count - 8),
                as: UInt64.self
            )
        }
        return words
    }

    /// Takes the same time wherever two texts differ, so that it tells nobody how much of a key was guessed.
    private static func areEqual(_ one: Text, _ other: Text) -> Bool {
        var difference: UInt64 = 0
        for index in one.indices { difference |= one[index] ^ other[index] }
        return difference == 0
    }
}
