import LocalRuntimeConsole
package import LocalRuntimeFixtures

/// What became of each fixture the last time it ran: how many are red now, also of those that did not change.
package struct RedBoard {
    private var redness: [FixtureFiles: Bool] = [:]

    /// The most names that are told.
    private static let shownCount = 5

    package init() {}

    package mutating func add(_ results: [ReplayResult]) {
        // Red by one contract is red.
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
