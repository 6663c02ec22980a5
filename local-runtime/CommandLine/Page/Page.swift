import FunctionBytes
import FunctionCore
import FunctionEventLoop
import FunctionRuntime
import LocalRuntimeConsole
import LocalRuntimeRecording
import StreamTokensTokenFunction

/// Adds the page's routes to the functions. The page tries both steps and shows the messages on the wire.
struct Page: Sendable {
    private let access: PageAccess
    private let recorder = ExchangeRecorder()
    private let fixtures: FixtureBoard?
    /// The key with which this process acts as the page's back end. The page never gets it.
    private let demoKey = Lock<String?>(nil)

    /// Without `fixtures` the page shows none.
    init(_ access: PageAccess, fixtures: FixtureBoard? = nil) {
        self.access = access
        self.fixtures = fixtures
    }

    func mint(with key: String) {
        demoKey.withLock { $0 = key }
    }

    /// The functions with the page's routes added, and with their exchanges recorded.
    func around(_ functions: FunctionInstance) -> FunctionInstance {
        var instance = functions
        let recorded = recorder.recording(functions.handler)
        instance.handler = { request in
            guard let route = PageRoute(rawValue: request.path) else { return await recorded(request) }
            return await response(to: request, at: route, recorded)
        }
        // The page polls these, which would fill the log.
        instance.quietPaths = [PageRoute.exchanges.rawValue, PageRoute.fixtures.rawValue]
        return instance
    }

    private func response(to request: Request, at route: PageRoute, _ functions: Handler) async -> Response {
        if let refusal = access.refusal(of: request.headers) { return PageResponse.refused(refusal) }
        guard route.methods.contains(request.method) else { return PageResponse.wrongMethod(route) }
        switch route {
        case .page: return PageResponse.asset(PackageResources.page_html, "text/html; charset=utf-8")
        case .style: return PageResponse.asset(PackageResources.page_css, "text/css; charset=utf-8")
        case .script: return PageResponse.asset(PackageResources.page_js, "text/javascript; charset=utf-8")
        case .fixturesScript: return PageResponse.asset(PackageResources.fixtures_js, "text/javascript; charset=utf-8")
        case .icon: return PageResponse.asset(PackageResources.page_svg, "image/svg+xml")
        case .openAPI: return PageResponse.json(PackageResources.openapi_json)
        case .mint: return await mint(request, functions)
        case .exchanges: return revision(request).map(exchanges) ?? PageResponse.wrongRevision
        case .fixtures: return revision(request).map(fixtures) ?? PageResponse.wrongRevision
        case .run: return run(request)
        }
    }

    /// Acts as a back end: calls the token function with the API key, and returns its response. A body is a policy.
    private func mint(_ request: Request, _ functions: Handler) async -> Response {
        guard let key = demoKey.withLock({ $0 }), let authorization = Headers.Value("Bearer " + key) else {
            return PageResponse.noDemo
        }
        var headers = Headers()
        headers[.host] = request.headers[.host]
        headers[.authorization] = authorization
        headers[.accept] = "application/json"
        let hasPolicy = request.body.length != 0
        return await functions(
            Request(
                method: hasPolicy ? .post : .get,
                path: TokenFunction.path,
                query: request.query,
                headers: headers,
                body: hasPolicy ? request.body : .empty,
                id: request.id
            )
        )
    }

    /// The revision after which changes are requested; nil if the parameter is not a whole number.
    private func revision(_ request: Request) -> Int? {
        let text = request.parameters["after"] ?? "0"
        return text.utf8.allSatisfy(\.isDigit) ? Int(text) : nil
    }

    private func exchanges(after: Int) -> Response {
        let changed = recorder.changed(after: after)
        var json = JSONWriter(reservingCapacity: 1024)
        json.object {
            $0.member("latest", changed.revision)
            $0.member("demo", demoKey.withLock { $0 != nil })
            $0.name("exchanges")
            $0.array { json in
                for exchange in changed.exchanges { exchange.write(to: &json) }
            }
        }
        return PageResponse.json(json.bytes)
    }

    private func fixtures(after: Int) -> Response {
        guard let fixtures else { return PageResponse.json(Array(#"{"latest":0,"count":0,"fixtures":[]}"#.utf8)) }
        // A page that was just opened shows the current files.
        if after == 0 { fixtures.look() }
        var json = JSONWriter(reservingCapacity: 1024)
        fixtures.write(to: &json, after: after)
        return PageResponse.json(json.bytes)
    }

    private func run(_ request: Request) -> Response {
        guard let fixtures else { return PageResponse.notRun(.unknownFixture) }
        do throws(FixtureBoard.Refusal) {
            try fixtures.run(request.parameters["name"])
        } catch {
            return PageResponse.notRun(error)
        }
        return PageResponse.json(Array(#"{"success":true}"#.utf8))
    }
}
