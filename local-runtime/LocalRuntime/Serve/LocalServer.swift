import EventLoop
import FunctionRuntime

/// All functions on one port, each loop with its own instance of them.
struct LocalServer: Sendable {
    private let server: FunctionServer

    /// Listens, and answers once it is started. Settings come from `environment`, but for the address.
    init(
        _ store: LocalStore,
        host: String,
        port: Int,
        environment: [String: String],
        sink: LogSink = LogSink()
    ) throws(CommandFailure) {
        var settings = Settings(environment: environment.filter { $0.key != "HOST" && $0.key != "PORT" })
        var options = RuntimeOptions(&settings)
        let functions = FunctionSettings(&settings)
        guard settings.problems.isEmpty else {
            throw .usage((["wrong settings in the environment:"] + settings.problems).joined(separator: "\n  "))
        }
        options.host = host
        options.port = port
        do throws(FunctionServer.StartError) {
            server = try FunctionServer(options, sink: sink) { context in
                .all(
                    store: store.store(for: context),
                    settings: functions,
                    randomBits: { context.random.next() }
                )
            }
        } catch {
            throw .couldNotRun(error.description)
        }
    }

    /// Where it listens.
    var address: SocketAddress { server.address }

    func start() {
        server.start()
    }

    /// Lets what is under way come to its end, and ends.
    func stop() async {
        await server.drain()
        server.stop()
    }
}
