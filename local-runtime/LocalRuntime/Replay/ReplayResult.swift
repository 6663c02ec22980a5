/// What became of a fixture by one way.
struct ReplayResult: Sendable {
    let files: FixtureFiles
    let contract: ReplayContract
    let verdict: Verdict
}
