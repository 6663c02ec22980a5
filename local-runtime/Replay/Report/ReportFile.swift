import Foundation
package import LocalRuntimeConsole

/// What became of a run, in a file for other programs.
package struct ReportFile: Sendable {
    enum Format: String, CaseIterable, Sendable {
        /// As continuous integration shows it (https://github.com/testmoapp/junitxml).
        case junit
        case json
    }

    let format: Format
    package let file: String

    /// Reads `FORMAT FILE`.
    package init(_ text: String) throws(CommandFailure) {
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        guard let format = Format(rawValue: words[0]) else {
            let formats = Format.allCases.map(\.rawValue).joined(separator: " or ")
            throw .usage("--report must be \(formats), and a file: not \(words[0])")
        }
        self.format = format
        file = words[1]
    }

    /// Writes the file as a whole, or not at all.
    package func write(_ results: [ReplayResult], seed: UInt64) throws(CommandFailure) {
        let text =
            switch format {
            case .junit: JUnitReport.text(results)
            case .json: JSONReport.text(results, seed: seed)
            }
        do {
            try Data(Secrets.masked(text).utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            throw .couldNotRun("\(file) cannot be written: \(error.localizedDescription)")
        }
    }
}
