import FoundationEssentials
import FunctionBytes
package import FunctionCore
import FunctionEventLoop
import LocalRuntimeConsole
import LocalRuntimeFixtures
import LocalRuntimeReplay

/// The fixture files of one call.
package struct RecordedFile: Sendable {
    private let kind: FixtureFiles.Kind
    /// The content of each file by its ending. The last one completes the fixture.
    private let contents: [(ending: String, json: JSON)]

    package static func fixture(event: JSON, expectation: JSON) -> RecordedFile {
        RecordedFile(kind: .event, contents: [(".expect.json", expectation), (".json", event)])
    }

    package static func scenario(_ scenario: JSON) -> RecordedFile {
        RecordedFile(kind: .scenario, contents: [(".scenario.json", scenario)])
    }

    package var texts: [(ending: String, text: String)] { contents.map { ($0.ending, $0.json.formatted) } }

    /// Whether it contains a secret that was not replaced, such as one written with escapes, which only the function
    /// recognizes.
    var hasSecret: Bool { contents.contains { Self.hasSecret($0.json) } }

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
        // The text may be a body of JSON. A text inside is always shorter, so this ends.
        guard bytes.first == UInt8(ascii: "{"), let inner = try? JSONReader.read(bytes) else { return false }
        return hasSecret(inner)
    }

    /// Replays the files. Returns how the replay differs, or nil if it passes.
    func difference(on loop: EventLoop) async throws(FixtureWriter.Unrecordable) -> String? {
        let scratch = TemporaryFiles.path("recording")
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let name: String
        do {
            var folder = try FixtureFolder(scratch)
            name = try folder.write(self, as: "recording")
        } catch {
            throw .init("the replay cannot write to \(scratch)")
        }
        let files = FixtureFiles(name: name, kind: kind)
        switch await Replay(environment: [:]).run(files, in: InProcess(contract: .direct, loop: loop)).verdict {
        case .passed: return nil
        case .failed(let failure):
            return failure.mismatches.first.map {
                "it differs at \($0.pointer): expected \($0.expected), actual \($0.actual)"
            }
        case .unreadable(let reason), .couldNotRun(let reason), .notCarried(let reason):
            return "it does not run: \(reason.replacing(scratch + "/", with: ""))"
        case .withoutExpectation: return "it expects nothing"
        }
    }
}

extension Secrets {
    /// Whether the bytes contain a secret that is not a placeholder.
    fileprivate static func hasOther(_ bytes: [UInt8]) -> Bool {
        Secrets.pieces(of: bytes).contains { piece, isSecret in
            isSecret && !Placeholders.isOne(String(decoding: piece, as: UTF8.self))
        }
    }
}
