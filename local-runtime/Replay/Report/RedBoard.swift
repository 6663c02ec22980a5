import LocalRuntimeConsole
package import LocalRuntimeFixtures

/// The last verdict of each fixture. It counts all that are red now, also those that did not just run.
package struct RedBoard {
    private var redness: [FixtureFiles: Bool] = [:]

    /// The most names in the summary.
    private static let shownCount = 5

    package init() {}

    package mutating func add(_ results: [ReplayResult]) {
        // A fixture is red if it fails under any contract.
        for (files, results) in Dictionary(grouping: results, by: \.files) {
            redness[files] = results.contains { $0.verdict.exitCode != .success }
        }
    }

    package mutating func remove(_ fixtures: [FixtureFiles]) {
        for files in fixtures { redness[files] = nil }
    }

    /// `2 of 30 are red: events/a, events/b`
    package var summary: String {
        let red = redness.filter(\.value).keys.map(\.name).sorted()
        guard !red.isEmpty else { return redness.isEmpty ? "no fixture is left" : "none of \(redness.count) is red" }
        let names = red.prefix(Self.shownCount).joined(separator: ", ") + (red.count > Self.shownCount ? ", …" : "")
        return "\(red.count) of \(redness.count) \(red.count == 1 ? "is" : "are") red: \(names)"
    }
}
