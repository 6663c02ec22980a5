import Foundation
package import FunctionCore
package import LocalRuntimeConsole

/// Writes an expectation anew, where a run has shown what it has to be.
package struct FixtureUpdate: Equatable, Sendable {
    /// Where the expectation stands in its file.
    package let pointer: JSONPointer
    package let expectation: JSON

    package init(pointer: JSONPointer, expectation: JSON) {
        self.pointer = pointer
        self.expectation = expectation
    }

    /// Writes it into the fixture's file. What else stands there is kept, and its order.
    package func write(_ files: FixtureFiles) throws(CommandFailure) {
        let file = files.expectation
        var whole = JSON.object([])
        if let data = FileManager.default.contents(atPath: file), let json = try? JSONReader.read(Array(data)) {
            whole = json
        }
        let text = updated(whole).formatted
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            throw .couldNotRun("\(file) cannot be written: \(error.localizedDescription)")
        }
    }

    private func updated(_ whole: JSON) -> JSON {
        guard pointer == .root, case .object(let old) = whole, case .object(let new) = expectation else {
            return whole.replacing(at: pointer.tokens[...], with: expectation)
        }
        return .object(old.filter { $0.name == "given" || $0.name == "$schema" } + new)
    }
}
