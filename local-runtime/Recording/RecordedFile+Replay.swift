import Foundation
import FunctionEventLoop
import LocalRuntimeFixtures
import LocalRuntimeReplay

extension RecordedFile {
    /// In what the replay differs from it; nil if it passes.
    func difference(on loop: EventLoop) async throws(FixtureWriter.Unrecordable) -> String? {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("recording-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let name: String
        do {
            var folder = try FixtureFolder(scratch.path)
            name = try folder.write(self, as: "recording")
        } catch {
            throw .init("\(scratch.path) cannot be written to, for the replay")
        }
        let files = FixtureFiles(name: name, kind: kind)
        switch await Replay(environment: [:]).run(files, in: InProcess(contract: .direct, loop: loop)).verdict {
        case .passed: return nil
        case .failed(let failure):
            return failure.mismatches.first.map {
                "it differs at \($0.pointer): expected \($0.expected), actual \($0.actual)"
            }
        case .unreadable(let reason), .couldNotRun(let reason), .notCarried(let reason):
            return "it comes to nothing: \(reason.replacingOccurrences(of: scratch.path + "/", with: ""))"
        case .withoutExpectation: return "it comes to nothing"
        }
    }

    private var kind: FixtureFiles.Kind {
        switch self {
        case .fixture: .event
        case .scenario: .scenario
        }
    }
}
