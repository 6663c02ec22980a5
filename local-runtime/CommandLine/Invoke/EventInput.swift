import FoundationEssentials
import FunctionCore
import LocalRuntimeConsole
import LocalRuntimeFixtures

/// An event as a command is given it: a fixture's file, or what comes on standard input.
struct EventInput: Sendable {
    /// What a command's help calls it, and how.
    static let operand = "EVENT"
    static let help = """
        EVENT is a fixture's file, NAME.json or NAME alone, or - for standard input: in the
        short form, or as AWS sends it. events/README.md tells the format.
        """

    /// What messages call it.
    let name: String
    let bytes: [UInt8]
    let expectationFile: String?

    private static let otherEndings = [
        ".expect.json": "an expectation, not an event", ".scenario.json": "a scenario, which replay runs",
    ]

    init(_ word: String, _ console: Console) throws(CommandFailure) {
        guard word != "-" else {
            name = "standard input"
            bytes = try Self.bytes(of: name, console.readAll)
            expectationFile = nil
            return
        }
        for (ending, meaning) in Self.otherEndings where word.hasSuffix(ending) {
            throw .unreadableFixture("\(word): is \(meaning)")
        }
        let file = Self.isFile(word) ? word : FixtureFiles(name: word).event
        guard Self.isFile(file) else {
            let isFolder = FileManager.default.fileExists(atPath: word)
            throw .unreadableFixture(
                "\(word): \(isFolder ? "is a folder, and one event is wanted" : "no such event, nor \(file)")"
            )
        }
        name = file
        bytes = try Self.bytes(of: file) { limit throws(Input.Unreadable) in
            try Input.read(file: file, upTo: limit, takesPipes: true)
        }
        let beside = (FixtureFiles(file: file) ?? FixtureFiles(name: file)).expectation
        expectationFile = FileManager.default.fileExists(atPath: beside) ? beside : nil
    }

    func request() throws(CommandFailure) -> Request {
        do throws(FixtureError) {
            return try EventReader.read(bytes)
        } catch {
            throw .unreadableFixture(error.description(in: name))
        }
    }

    private static func bytes(
        of name: String,
        _ read: (_ limit: Int) throws(Input.Unreadable) -> [UInt8]
    ) throws(CommandFailure) -> [UInt8] {
        do throws(Input.Unreadable) {
            return try read(EventReader.sizeLimit)
        } catch {
            throw .unreadableFixture("\(name): \(error)")
        }
    }

    /// Whether something is there that is no folder: a pipe is fine too.
    private static func isFile(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path) && !FileManager.default.isFolder(path)
    }
}
