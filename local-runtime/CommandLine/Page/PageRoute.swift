import FunctionCore

/// What is served beside the functions: what the page consists of and asks for, and their description. No function
/// answers at one of these paths.
enum PageRoute: String, CaseIterable, Sendable {
    case page = "/"
    case style = "/page.css"
    case script = "/page.js"
    case fixturesScript = "/fixtures.js"
    case icon = "/page.svg"
    /// The description of what the functions answer.
    case openAPI = "/openapi.json"
    /// Mints a token as a back end would.
    case mint = "/mint"
    /// What went through the functions.
    case exchanges = "/exchanges"
    /// The fixtures there are, and what became of them.
    case fixtures = "/fixtures"
    /// Runs one of them, or all.
    case run = "/fixtures/run"

    /// The methods that it answers.
    var methods: [Method] {
        self == .mint || self == .run ? [.post] : [.get, .head]
    }
}
