import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionMetrics

/// Serves `GET /metrics` on a separate port, so that clients of the function cannot read the metrics.
final class MetricsServer: Sendable {
    private let server: Server
    /// The address it listens on.
    let address: SocketAddress

    /// Scrapers are few, and idle ones make room.
    static let connectionLimit = 16

    /// Its requests are logged at debug and not counted.
    init(_ collector: MetricsCollector, at address: SocketAddress, log: Log) throws(SystemError) {
        var options = ServerOptions()
        options.connectionLimit = Self.connectionLimit
        options.requestLimit = 16
        options.waitingBodyLimit = 1
        options.bodyBudget = 1024
        options.bodyLimit = 1024
        options.idleGrace = .milliseconds(0)
        let service = Service(
            respond: { await Self.respond(to: $0, collector) },
            refuse: { FunctionInstance.plainErrorResponse($0.error, $0.request) },
            completed: { exchange in
                log.write(.debug, "metrics") {
                    $0.member("status", exchange.response.status.code)
                    $0.member("duration_us", Int(exchange.duration.nanoseconds / 1000))
                }
            }
        )
        server = Server(on: collector.loop, options: options, service: service)
        self.address = try server.listen(on: address)
    }

    /// Closes the listener and all connections. From any thread.
    func stop() async {
        await server.loop.start { [server] in
            await server.drain(accepting: .seconds(0), grace: .seconds(0))
        }.value
    }

    private static func respond(to request: Request, _ collector: MetricsCollector) async -> Response {
        guard request.path == "/metrics" else { return FunctionInstance.plainErrorResponse(.notFound, request) }
        guard request.method == .get || request.method == .head else {
            var response = FunctionInstance.plainErrorResponse(.methodNotAllowed("GET, HEAD"), request)
            response.headers[.allow] = "GET, HEAD"
            return response
        }
        return Response(
            .ok,
            headers: [.contentType: contentType, .cacheControl: "no-store"],
            body: .text(await collector.read().text)
        )
    }

    private static let contentType = Headers.Value(valid: MetricsReading.contentType)
}

/// Adds up the metrics of all loops, each read on its own thread.
actor MetricsCollector {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private var units: [Unit]
    private let sink: LogSink
    private var waiters: [Promise<Void>] = []

    private struct Unit {
        let loop: EventLoop
        let metrics: LoopMetrics
        /// Its last reading, which also counts while the loop is late: without it, the counters would seem to be reset.
        var reading: MetricsReading
        var isAsked = false
    }

    /// How long a reading may take; Prometheus itself waits 10 s by default.
    private static let timeout = Interval.milliseconds(500)

    /// Runs on `loop`. It takes a first reading of each loop's metrics, so that no loop may run yet.
    init(_ metrics: [(loop: EventLoop, metrics: LoopMetrics)], on loop: EventLoop, _ sink: LogSink) {
        units = metrics.map { Unit(loop: $0.loop, metrics: $0.metrics, reading: $0.metrics.read()) }
        self.loop = loop
        self.sink = sink
    }

    /// The current metrics of the process.
    func read() async -> MetricsReading {
        for index in units.indices where !units[index].isAsked { ask(index) }
        await waitForReadings()
        var reading = MetricsReading()
        for unit in units { reading.add(unit.reading) }
        reading.add(.loops, units.count)
        reading.add(.lateLoops, units.count(where: \.isAsked))
        reading.add(.droppedLines, sink.droppedLines)
        ProcessMetrics.add(to: &reading)
        return reading
    }

    private func ask(_ index: Int) {
        units[index].isAsked = true
        units[index].loop.start { [metrics = units[index].metrics] in
            await self.take(metrics.read(), of: index)
        }
    }

    private func take(_ reading: MetricsReading, of index: Int) {
        units[index].reading = reading
        units[index].isAsked = false
        guard !isWaiting else { return }
        for waiter in waiters { waiter.fulfil() }
        waiters = []
    }

    private var isWaiting: Bool { units.contains(where: \.isAsked) }

    private func waitForReadings() async {
        let waiter = Promise<Void>()
        waiters.append(waiter)
        let timer = Timer(on: loop) { waiter.fulfil() }
        timer.deadline = .now + Self.timeout
        if isWaiting { await waiter.wait() }
        timer.cancel()
        waiters.removeAll { $0 === waiter }
    }
}

extension Metric {
    fileprivate static let loops = Metric("loops", .gauge, "Event loops, one thread each.")
    fileprivate static let lateLoops = Metric(
        "loops_late",
        .gauge,
        "Event loops that gave no reading within 0.5 s; their previous one is counted."
    )
    fileprivate static let droppedLines = Metric(
        "log_lines_dropped_total",
        .counter,
        "Log lines dropped because nobody read them in time."
    )
}
