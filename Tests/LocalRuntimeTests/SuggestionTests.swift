import Testing

@testable import LocalRuntimeConsole

@Suite("Did you mean")
struct SuggestionTests {
    private static let words = ["serve", "replay", "keys", "orgs", "tokens", "--limit", "--org", "--help"]

    @Test(
        "a close word is found",
        arguments: [
            ("sevre", "serve"), ("repaly", "replay"), ("kes", "keys"), ("key", "keys"), ("--limt", "--limit"),
            ("--lim", "--limit"), ("--organization", "--org"), ("toknes", "tokens"), ("-org", "--org"),
        ]
    )
    func near(typed: String, word: String) {
        #expect(Suggestion.nearest(to: typed, among: Self.words) == word)
    }

    @Test(
        "no word is suggested if none is close, however long the typed word is",
        arguments: ["", "x", "frobnicate", "--frobnicate", String(repeating: "serve", count: 100_000)]
    )
    func far(typed: String) {
        #expect(Suggestion.nearest(to: typed, among: Self.words) == nil)
    }
}
