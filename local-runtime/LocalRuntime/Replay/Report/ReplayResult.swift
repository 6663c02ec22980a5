/// What became of a fixture in a back end.
struct ReplayResult: Sendable {
    let files: FixtureFiles
    let backEnd: String
    let verdict: Verdict
    let duration: Duration
}
