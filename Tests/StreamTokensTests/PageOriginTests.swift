import Support
import Testing

@testable import StreamTokens

@Suite("A page's origin")
struct PageOriginTests {
    @Test(
        "usual ones are recognized",
        arguments: [
            "https://app.example", "http://localhost", "http://localhost:3000", "https://a.b-c.example:8443",
            "https://app.example:80", "http://127.0.0.1:65535", "https://xn--bcher-kva.example", "http://a_b",
        ]
    )
    func usual(text: String) throws {
        #expect(PageOrigin.isUsual(text))
        try expect(PageOrigin(text).text, is: text)
    }

    @Test("whatever is recognized at a glance is one that a closer look leaves as it is", arguments: 1...20)
    func glance(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "http", "https", "://", ":", ".", "a", "example", "-", "_", "A", "é", "443", "80", "0", "65536", "/", "@",
            "[::1]",
            " ", "*", String(repeating: "x", count: 62), "1",
        ]
        var count = 0
        for _ in 0..<20_000 {
            let length = Int.random(in: 1...7, using: &random)
            let rest = (0..<length).map { _ in pieces[Int.random(in: pieces.indices, using: &random)] }.joined()
            let text = ["http://", "https://", ""][Int.random(in: 0..<3, using: &random)] + rest
            guard PageOrigin.isUsual(text) else { continue }
            count += 1
            let origin = try? PageOrigin(text).text
            #expect(origin == text)
        }
        #expect(count > 100)
    }
}
