import FunctionEventLoop
import FunctionRuntime
import FunctionTesting
import LocalRuntimeConsole
import LocalRuntimeRecording

/// All functions on one port. Each loop has its own instance of them.
struct LocalServer: Sendable {
    private let server: FunctionServer
    private let page: Page

    /// Listens, but serves only after ``start(demoKey:)``. All settings except the address come from `environment`.
    /// `recorder` records the exchanges.
    init(
        _ store: LocalStore,
        host: String,
        port: Int,
        environment: [String: String],
        pageAccess: PageAccess = PageAccess(),
        fixtures: FixtureBoard? = nil,
        recorder: FixtureRecorder? = nil,
        sink: LogSink = LogSink()
    ) throws(CommandFailure) {
        var settings = Settings(environment: environment.filter { !Contract.variables.contains($0.key) })
        var options = RuntimeOptions(&settings)
        let functions = FunctionSettings(&settings)
        guard settings.problems.isEmpty else {
            throw .usage((["wrong settings in the environment:"] + settings.problems).joined(separator: "\n  "))
        }
        settings.tellNotes(to: sink)
        options.host = host
        options.port = port
        // Short, because the person who pressed Ctrl-C waits.
        if settings["GRACE_SECONDS"] == nil { options.grace = .seconds(1) }
        let page = Page(pageAccess, fixtures: fixtures)
        self.page = page
        do throws(FunctionServer.StartError) {
            server = try FunctionServer(options, sink: sink) { context in
                let kept = store.store(for: context)
                let store = recorder?.around(kept) ?? kept
                let all = LocalFunctions(functions, for: context, store: store) { recorder?.around($0) ?? $0 }.instance
                return page.around(recorder?.around(all) ?? all)
            }
        } catch {
            throw .couldNotRun(error.description)
        }
    }

    var address: SocketAddress { server.address }
    /// The address of `/metrics`, if METRICS_PORT is set.
    var metricsAddress: SocketAddress? { server.metricsAddress }

    /// Starts to serve. The page mints with the demo organization's key, if there is one.
    func start(demoKey: String? = nil) throws(CommandFailure) {
        if let demoKey { page.mint(with: demoKey) }
        do throws(SystemError) {
            try server.start()
        } catch {
            throw .couldNotRun(error.description)
        }
    }

    /// Lets requests in flight finish, and stops.
    func stop() async {
        await server.drain()
        server.stop()
    }
}
