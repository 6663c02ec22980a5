import FoundationEssentials
import Glibc
package import LocalRuntimeConsole

/// The folder that recordings are written to.
package struct FixtureFolder: Sendable {
    package let path: String
    /// For each name, the first number that may be free.
    private var numbers: [String: Int] = [:]

    private static let endings = [".json", ".expect.json", ".scenario.json"]

    /// Why a file could not be written.
    package struct CannotWrite: Error {
        package let description: String
    }

    /// Creates the folder if it does not exist.
    package init(_ path: String) throws(CommandFailure) {
        self.path = path
        do throws(OutputFile.Unwritable) {
            try OutputFile.makeFolder(path)
        } catch {
            throw .couldNotRun("\(path): cannot be created as a folder for recordings: \(error.reason)")
        }
        guard access(path, W_OK | X_OK) == 0 else {
            throw .couldNotRun("\(path): cannot be written to: \(String(cString: strerror(errno)))")
        }
    }

    /// Writes the files, each whole or not at all, under the first free name of `name`-1, `name`-2, …, and returns that.
    @discardableResult
    package mutating func write(_ file: RecordedFile, as name: String) throws(CannotWrite) -> String {
        while true {
            let number = numbers[name, default: 1]
            numbers[name] = number + 1
            let numbered = "\(path)/\(name)-\(number)"
            let isTaken = Self.endings.contains { FileManager.default.fileExists(atPath: numbered + $0) }
            if !isTaken, try write(file.texts, numbered) { return numbered }
        }
    }

    /// Returns false if another process has taken the name meanwhile.
    private func write(_ texts: [(ending: String, text: String)], _ name: String) throws(CannotWrite) -> Bool {
        var written: [String] = []
        var isWhole = false
        defer {
            if !isWhole { for file in written { unlink(file) } }
        }
        for (ending, text) in texts {
            guard try Self.write(text, name + ending, in: path) else { return false }
            written.append(name + ending)
        }
        isWhole = true
        return true
    }

    /// Uses link(2), which never replaces a file. The temporary file's name does not end like a fixture's, so nothing reads
    /// it as one.
    private static func write(_ text: String, _ file: String, in folder: String) throws(CannotWrite) -> Bool {
        let temporary = "\(folder)/.recording-\(UUID().uuidString)"
        defer { unlink(temporary) }
        do throws(OutputFile.Unwritable) {
            try OutputFile.create(Array(text.utf8), at: temporary, as: file)
        } catch {
            throw CannotWrite(description: error.description)
        }
        guard link(temporary, file) != 0 else { return true }
        guard errno == EEXIST else { throw CannotWrite(description: "\(file): \(String(cString: strerror(errno)))") }
        return false
    }
}
