import FunctionCore
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures

@Suite("Fixtures are read and matched in linear time")
struct LinearTimeTests {
    private static let objects: [String: @Sendable (Int) -> String] = [
        "a name of combining marks": { "{\"b\":1,\"\(HostileText.marks($0))\":2}" },
        "a value of combining marks": { "{\"b\":\"\(HostileText.marks($0))\"}" },
        "many members": { count in "{" + (0..<count).map { "\"n\($0)\":0" }.joined(separator: ",") + "}" },
    ]

    @Test("a pattern is read and matched", arguments: objects.keys.sorted())
    func patterns(name: String) throws {
        let make = try #require(Self.objects[name])
        let growth = Growth.ofTime {
            Array(make($0).utf8)
        } _: { bytes in
            guard let json = try? JSONReader.read(bytes), let pattern = try? Pattern(json, at: .root) else { return }
            _ = pattern.mismatches(json, at: .root)
            _ = pattern.mismatches(.object([]), at: .root)
            _ = json.refers
            _ = try? json.resolved(at: .root) { _, _ in .number(1) }
        }
        #expect(growth < Growth.limit)
    }

    @Test("a composed character does not match its decomposed form")
    func names() throws {
        let composed = try JSONReader.read(Array("{\"caf\u{E9}\":1,\"cafe\u{301}\":2}".utf8))
        let pattern = try Pattern(composed, at: .root, isExact: true)
        #expect(pattern.mismatches(composed, at: .root).isEmpty)
        let other = try JSONReader.read(Array("{\"caf\u{E9}\":1,\"cafe\u{301}\":1}".utf8))
        #expect(pattern.mismatches(other, at: .root).count == 1)
        let scalar = try Pattern(.string("caf\u{E9}"), at: .root)
        #expect(!scalar.mismatches(.string("cafe\u{301}"), at: .root).isEmpty)
    }
}
