import FunctionCore
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures

@Suite("References in the texts of a fixture")
struct ReferenceTests {
    private func pieces(_ text: String) -> [String]? {
        Reference.pieces(of: text)?.map {
            switch $0 {
            case .text(let text): text
            case .reference(let reference): "<\(reference)>"
            }
        }
    }

    @Test("a brace followed by a combining accent is a brace")
    func marks() {
        #expect(pieces("${a.b}\u{301}") == ["<${a.b}>", "\u{301}"])
        #expect(pieces("$\u{301}{a.b}") == ["$\u{301}{a.b}"])
        #expect(pieces("x$${a.b}") == ["x", "${", "a.b}"])
        #expect(pieces("${a.\u{301}}") == ["<${a.\u{301}}>"])
        #expect(pieces("${\u{e9}.b}") == nil)
    }

    @Test(
        "a text is read in linear time",
        arguments: [
            { "$" + HostileText.marks($0) + "{" }, { String(repeating: "$", count: $0) },
            { String(repeating: "${a.b}", count: $0) }, { String(repeating: "$${", count: $0) },
            { "${" + String(repeating: ".a", count: $0) + "}" }, { "${a.\(HostileText.marks($0))}" },
        ] as [@Sendable (Int) -> String]
    )
    func growth(_ text: @Sendable (Int) -> String) {
        let growth = Growth.ofTime(text) { _ = Reference.pieces(of: $0) }
        #expect(growth < Growth.limit)
    }

    @Test("an unknown matcher of combining marks is refused in linear time")
    func matcher() {
        let growth = Growth.ofTime {
            JSON.object([.init(name: "$type" + HostileText.marks($0), value: .null)])
        } _: { json in
            #expect(throws: JSONDocumentError.self) { try Pattern(json, at: .root) }
        }
        #expect(growth < Growth.limit)
    }
}
