import StreamTokens
import StreamTokensTokenFunction
import Support
import Testing

@Suite("A cache of keys")
struct KeyCacheTests {
    private static let text = "sk_Acme010123456789ABCDEFGHIJKLMNOPQRST1JZy6m"

    @Test("reads each of many keys as it is, again and again")
    func many() {
        let cache = KeyCache()
        let bits = SeededGenerator.bits(seed: 1)
        let keys = (0..<2000).map { _ in APIKey.random(tag: .random(bits), bits) }
        for _ in 0..<2 {
            for (key, text) in keys {
                #expect(cache.key(text[...]) == key)
                #expect(cache.key(text[...]) == key)
            }
        }
    }

    @Test("a text that differs from a key in one character is not that key")
    func everyCharacterCounts() {
        let cache = KeyCache()
        let text = Array(Self.text)
        for index in text.indices {
            for character in ["0", "z", "-", "é", "\u{0}"] as [Character] where character != text[index] {
                #expect(cache.key(Self.text[...]) == APIKey(Self.text))
                var changed = text
                changed[index] = character
                #expect(cache.key(String(changed)[...]) == nil, "changed at \(index)")
            }
            var shorter = text
            shorter.remove(at: index)
            #expect(cache.key(String(shorter)[...]) == nil, "left out at \(index)")
        }
    }

    @Test("other texts are no keys", arguments: ["", "s", "sk_", text + "0", String(repeating: "x", count: 45)])
    func malformed(text: String) {
        #expect(KeyCache().key(text[...]) == nil)
    }

    @Test("a part of a longer text is read by itself")
    func substring() {
        let cache = KeyCache()
        for _ in 0..<2 { #expect(cache.key("Bearer \(Self.text)".dropFirst(7)) == APIKey(Self.text)) }
    }
}
