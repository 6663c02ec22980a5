import FunctionBytes
package import FunctionCore
import LocalRuntimeConsole
import LocalRuntimeFixtures

/// What is to be written of a call.
package enum RecordedFile: Sendable {
    case fixture(event: JSON, expectation: JSON)
    case scenario(JSON)

    /// Each file's text, by its ending: the last one makes the others a fixture.
    package var texts: [(ending: String, text: String)] {
        switch self {
        case .fixture(let event, let expectation):
            [(".expect.json", expectation.formatted), (".json", event.formatted)]
        case .scenario(let scenario):
            [(".scenario.json", scenario.formatted)]
        }
    }

    /// Whether a secret stands in it that was not replaced: such as one written in escapes, which only the function
    /// takes for one.
    var hasSecret: Bool {
        switch self {
        case .fixture(let event, let expectation): Self.hasSecret(event) || Self.hasSecret(expectation)
        case .scenario(let scenario): Self.hasSecret(scenario)
        }
    }

    private static func hasSecret(_ json: JSON) -> Bool {
        switch json {
        case .string(let text): hasSecret(text)
        case .array(let elements): elements.contains(where: hasSecret)
        case .object(let members): members.contains { hasSecret($0.name) || hasSecret($0.value) }
        case .null, .bool, .number: false
        }
    }

    private static func hasSecret(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let decoded = PercentEncoding.decode(bytes)
        if Secrets.hasOther(bytes) || Secrets.hasOther(decoded) { return true }
        // A body that is JSON itself; a text in it is shorter than it.
        guard bytes.first == UInt8(ascii: "{"), let inner = try? JSONReader.read(bytes) else { return false }
        return hasSecret(inner)
    }
}

extension Secrets {
    /// Whether there is one that was not replaced.
    fileprivate static func hasOther(_ bytes: [UInt8]) -> Bool {
        Secrets.pieces(of: bytes).contains { piece, isSecret in
            isSecret && !Placeholders.isOne(String(decoding: piece, as: UTF8.self))
        }
    }
}
