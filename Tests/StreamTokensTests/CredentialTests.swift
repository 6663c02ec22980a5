import Support
import Testing

@testable import StreamTokens

@Suite("Keys, tokens, tags and attempts")
struct CredentialTests {
    // Made with other implementations of CRC-32, SHA-256 and base64url.
    private static let keyText = "sk_Acme010123456789ABCDEFGHIJKLMNOPQRST1JZy6m"
    private static let tokenText = "pub_tok_Acme01zyxwvutsrqponmlkjihgfedcba98762UTfbN"

    @Test("a key is read into its tag and digest")
    func readKey() throws {
        let key = try #require(APIKey(Self.keyText))
        #expect(key.tag.text == "Acme01")
        #expect(key.digest.description == "8MNGf-_xOzMxdoWldQODTw")
        #expect(key.id == "8MNGf-_xOz")
        #expect(APIKey("Bearer \(Self.keyText)".dropFirst(7)) == key)
    }

    @Test("a token is read into its tag and digest")
    func readToken() throws {
        let token = try #require(StreamToken(Self.tokenText))
        #expect(token.tag.text == "Acme01")
        #expect(token.digest.description == "dg14vVYGqnh6xIeDkGCuwg")
        var bytes: [UInt8] = []
        token.digest.append(to: &bytes)
        #expect(bytes == Array("dg14vVYGqnh6xIeDkGCuwg".utf8))
    }

    @Test("a key with a changed, missing or added character is rejected")
    func everyCharacterCounts() {
        let text = Array(Self.keyText)
        for index in text.indices {
            for character in ["0", "z", "-", "é", "\u{0}"] as [Character] where character != text[index] {
                var changed = text
                changed[index] = character
                #expect(APIKey(String(changed)) == nil, "changed at \(index)")
            }
            var shorter = text
            shorter.remove(at: index)
            #expect(APIKey(String(shorter)) == nil, "left out at \(index)")
        }
        #expect(APIKey(Self.keyText + "0") == nil)
        #expect(APIKey("") == nil)
    }

    @Test("a token is not read as a key, nor a key as a token")
    func kindsDiffer() {
        #expect(APIKey(Self.tokenText) == nil)
        #expect(StreamToken(Self.keyText) == nil)
    }

    @Test("no organization gets a tag of a rehearsal")
    func rehearsalTag() {
        let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        func word(_ text: String) -> UInt64 {
            text.utf8.reduce(0) { $0 * 62 + UInt64(digits.firstIndex(of: $1) ?? 0) }
        }
        let bits = ScriptedBits([word("probe7"), word("Acme01")])
        #expect(Tag.random(bits.next).text == "Acme01")
        #expect(bits.isUsedUp)
    }

    @Test("random tags, keys and tokens are read back the same")
    func randomRoundTrip() throws {
        let bits = SeededGenerator.bits(seed: 1)
        for _ in 0..<200 {
            let tag = Tag.random(bits)
            #expect(Tag(tag.text) == tag)
            let (key, keyText) = APIKey.random(tag: tag, bits)
            #expect(APIKey(keyText) == key)
            #expect(keyText.count == 45)
            let (token, tokenText) = StreamToken.random(tag: tag, bits)
            #expect(StreamToken(tokenText) == token)
            #expect(tokenText.count == 50)
        }
    }

    @Test("random words above the last whole multiple of the alphabet are not used")
    func rejectionSampling() {
        let span: UInt64 = 839_299_365_868_340_224
        let words = ScriptedBits([UInt64.max, span * 21, span * 21 - 1, 0])
        var text: [UInt8] = []
        Base62.append(random: 12, words.next, to: &text)
        #expect(String(decoding: text, as: UTF8.self) == "zzzzzzzzzz00")
        #expect(words.isUsedUp)
    }

    @Test("every character is about as frequent as any other")
    func uniformity() {
        var counts = [UInt8: Int]()
        var text: [UInt8] = []
        Base62.append(random: 62_000, SeededGenerator.bits(seed: 2), to: &text)
        for byte in text { counts[byte, default: 0] += 1 }
        #expect(counts.count == 62)
        // Six standard deviations around 1000.
        #expect(counts.values.allSatisfy { (810...1190).contains($0) })
    }

    @Test("a tag is six letters or digits", arguments: ["", "short", "toolong", "with-a", "ümlaut", "a b c!"])
    func badTags(text: String) {
        #expect(Tag(text) == nil)
    }

    @Test("an attempt's text is base64url of its 128 bits")
    func attemptText() {
        let attempt = Attempt.random(ScriptedBits([0x0001_0203_0405_0607, 0x0809_0A0B_0C0D_0E0F]).next)
        #expect(attempt.description == "AAECAwQFBgcICQoLDA0ODw")
    }
}
