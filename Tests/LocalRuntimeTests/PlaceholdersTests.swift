import FunctionCore
import StreamTokens
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeRecording

@Suite("Placeholders for secrets")
struct PlaceholdersTests {
    private let key = APIKey.random(tag: Tag("abcdef")!) { .random(in: 0 ... .max) }.text
    private let token = StreamToken.random(tag: Tag("abcdef")!) { .random(in: 0 ... .max) }.text

    @Test("a key becomes a key and a token a token, the same one each time")
    func valid() throws {
        var secrets = Placeholders()
        let replaced = secrets.replaced(in: "\(key) \(token),\(key)")
        #expect(replaced == "\(Placeholders.key(1)) \(Placeholders.token(1)),\(Placeholders.key(1))")
        #expect(APIKey(Placeholders.key(1)) != nil && StreamToken(Placeholders.token(1)) != nil)
        try expect(secrets.text(for: #require(StreamToken(token))), is: Placeholders.token(1))
        let other = StreamToken.random(tag: Tag("abcdef")!) { .random(in: 0 ... .max) }.text
        #expect(secrets.replaced(in: other) == Placeholders.token(2))
    }

    @Test("a mistyped secret becomes something that is not a credential; ordinary words stay")
    func mistyped() {
        var secrets = Placeholders()
        for text in [
            key + "x", String(key.dropLast()), String(token.dropLast()), "pub_tok_" + key.dropFirst(3).dropLast(),
        ] {
            let replaced = secrets.replaced(in: text)
            #expect(!replaced.contains(text.suffix(20)))
            #expect(APIKey(replaced) == nil && StreamToken(replaced) == nil)
        }
        #expect(secrets.replaced(in: "sk_short ask_me pub_tok_") == "sk_short ask_me pub_tok_")
    }

    @Test("a target keeps its form except for the secrets in it")
    func targets() {
        var secrets = Placeholders()
        #expect(secrets.replaced(inQuery: "a=b+c&&x=%2f&d") == "a=b+c&&x=%2f&d")
        let encoded = "pub%5Ftok%5F" + token.dropFirst(8)
        #expect(
            secrets.replaced(inQuery: "t=\(encoded)&a=x+\(token)%21")
                == "t=\(Placeholders.token(1))&a=x%20\(Placeholders.token(1))%21"
        )
        #expect(secrets.replaced(inPath: "/a%2F/\(key)/") == "/a%2F/\(Placeholders.key(1))/")
    }

    @Test("bytes around a secret that are not text are kept")
    func bytes() {
        var secrets = Placeholders()
        #expect(secrets.replaced(in: [0xFF] + token.utf8 + [0xFE]) == [0xFF] + Placeholders.token(1).utf8 + [0xFE])
    }

    @Test("placeholders are distinguished from secrets with the same tag")
    func isOne() {
        var secrets = Placeholders()
        for text in [Placeholders.key(1), Placeholders.key(20), Placeholders.token(3), secrets.replaced(in: key + "x")]
        {
            #expect(Placeholders.isOne(text))
        }
        #expect(!Placeholders.isOne(APIKey.random(tag: Placeholders.tag) { .random(in: 0 ... .max) }.text))
    }
}
