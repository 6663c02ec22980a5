import FunctionCore
import LocalRuntimeConsole

/// The responses of the page's routes.
enum PageResponse {
    static func asset(_ bytes: [UInt8], _ type: Headers.Value) -> Response {
        var headers = Headers.common(type)
        headers.append(contentSecurityPolicy, policy)
        return Response(.ok, headers: headers, body: .bytes(bytes))
    }

    static func json(_ bytes: [UInt8]) -> Response {
        asset(bytes, "application/json")
    }

    static func refused(_ refusal: PageAccess.Refusal) -> Response {
        switch refusal {
        case .host:
            error(
                .forbidden,
                "host_not_allowed",
                "This page is served only at 127.0.0.1, localhost and [::1]. Start serve with --allow-host HOST to "
                    + "serve it at another name."
            )
        case .origin:
            error(
                .forbidden,
                "origin_not_allowed",
                "Pages of other sites may not request this. Open it by typing its address."
            )
        }
    }

    static func wrongMethod(_ route: PageRoute) -> Response {
        let allowed = route.methods.map(\.name).joined(separator: ", ")
        var response = error(.methodNotAllowed, "method_not_allowed", "Method not allowed. Use \(route.methods[0]).")
        response.headers[.allow] = Headers.Value(allowed)
        return response
    }

    static let noDemo = error(
        .notFound,
        "no_demo_organization",
        "There is no demo organization to mint for. Start serve with --demo, or paste a token minted elsewhere."
    )

    static let wrongRevision = error(
        .badRequest,
        "invalid_after",
        "Invalid after. Expected a whole number, the latest of an earlier response."
    )

    static func notRun(_ refusal: FixtureBoard.Refusal) -> Response {
        switch refusal {
        case .alreadyRunning:
            error(.conflict, "already_running", "Fixtures are running. Please try again when they have finished.")
        case .unknownFixture: error(.notFound, "unknown_fixture", "There is no such fixture here.")
        }
    }

    private static func error(_ status: Status, _ code: String, _ text: String) -> Response {
        HTTPError(status, code, text, [contentSecurityPolicy: policy]).response()
    }

    private static let contentSecurityPolicy: Headers.Name = "content-security-policy"
    /// Allows only this server's resources, nothing inline, and no other page's frame (Content Security Policy Level 3).
    private static let policy: Headers.Value =
        "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
}

/// The paths that are served beside the functions: the page with its files and requests, and the OpenAPI description. No
/// function has one of these paths.
enum PageRoute: String, CaseIterable, Sendable {
    case page = "/"
    case style = "/page.css"
    case script = "/page.js"
    case fixturesScript = "/fixtures.js"
    case icon = "/page.svg"
    /// The functions' OpenAPI description.
    case openAPI = "/openapi.json"
    /// Mints a token as a back end would.
    case mint = "/mint"
    /// The requests to the functions, with their responses.
    case exchanges = "/exchanges"
    /// The fixtures and their results.
    case fixtures = "/fixtures"
    /// Runs one fixture or all.
    case run = "/fixtures/run"

    var methods: [Method] {
        self == .mint || self == .run ? [.post] : [.get, .head]
    }
}
