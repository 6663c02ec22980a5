import FunctionCore
package import FunctionEventLoop
package import FunctionHTTP
import FunctionMetrics
import Glibc

/// Serves a function over HTTP on every loop.
package final class FunctionServer: Sendable {
    private let options: RuntimeOptions
    private let units: [Unit]
    /// The address it listens on.
    package let address: SocketAddress
    private let metrics: MetricsServer?

    /// One loop and the parts of the server that run on it.
    private struct Unit: Sendable {
        let loop: EventLoop
        let service: FunctionService
        let server: Server
        let background: Task<Void, Never>
        let finish: @Sendable () async -> Void
        let context: LoopContext

        /// Waits for what goes on beside the requests, until `end` at the latest.
        func finish(until end: Instant) async {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await finish() }
                group.addTask { [loop] in try? await LoopClock(loop).sleep(until: end, tolerance: nil) }
                await group.next()
                group.cancelAll()
            }
        }
    }

    package struct StartError: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// Listens; requests are served once the loops run (``start()``). `makeInstance` makes the function for each loop.
    package init(
        _ options: RuntimeOptions,
        sink: LogSink = LogSink(),
        makeInstance: (LoopContext) -> FunctionInstance
    ) throws(StartError) {
        let host = options.host ?? Listener.everyAddress
        let place = options.fnSocket?.address ?? SocketAddress(ip: host, port: UInt16(options.port))
        guard let wanted = place else {
            throw StartError(description: "\(host) is not an IP address")
        }
        self.options = options
        // One loop for a unix socket: the kernel spreads connections only over listeners of a TCP port, and Fn sends
        // one request at a time anyway.
        let count = options.fnSocket == nil ? options.loops ?? Cores.usable : 1
        var units: [Unit] = []
        // Shared by all loops, so that a shortage is logged once per minute and process.
        let shortages = Lock(OncePerMinute())
        do {
            let descriptorLimit = Descriptors.raiseLimit()
            // With SO_REUSEPORT, listening succeeds even if another process has the port.
            if count > 1 { try Listener.probe(wanted) }
            options.fnSocket?.clear()
            var address = wanted
            for index in 0..<count {
                let loop = try EventLoop()
                let log = Log(on: loop, level: options.logLevel, audit: options.audit, sink: sink)
                let metrics = options.metricsPort == nil ? nil : LoopMetrics()
                let contract = options.contract.contract
                let context = LoopContext(
                    loop: loop,
                    index: index,
                    log: log,
                    random: SystemRandom(),
                    metrics: metrics,
                    collectsResponses: contract == .fn
                )
                let instance = makeInstance(context)
                let service = FunctionService(instance, context, contract, options)
                let descriptors = Descriptors(
                    limit: descriptorLimit,
                    loops: count,
                    perRequest: instance.connectionsPerRequest,
                    servesMetrics: options.metricsPort != nil
                )
                let serverOptions = try Self.share(options.server, of: count, within: descriptors)
                if index == 0 { Self.warn(options.server, descriptors, log) }
                let server = Server(on: loop, options: serverOptions, service: service.service)
                server.whenShort = { error in
                    guard let count = shortages.withLock({ $0.count(at: .now) }) else { return }
                    log.write(.warning, "cannot accept connections") {
                        $0.member("cause", error.description)
                        $0.member("times", count)
                    }
                }
                // If the port is 0, the first listener picks one and the others use it.
                address = try server.listen(on: address, sharesPort: count > 1)
                if let metrics { Self.measure(server, metrics) }
                let background = loop.start { await instance.background() }
                units.append(
                    Unit(
                        loop: loop,
                        service: service,
                        server: server,
                        background: background,
                        finish: instance.finish,
                        context: context
                    )
                )
            }
            try options.fnSocket?.publish()
            self.units = units
            self.address = address
        } catch let error as SystemError {
            if let socket = options.fnSocket {
                throw StartError(description: "cannot listen on \(socket.path): \(error)")
            }
            throw StartError(description: Self.explain(error, host: host, port: options.port))
        } catch {
            throw StartError(description: "\(error)")
        }
        metrics = try Self.serveMetrics(of: units, options, host, sink)
    }

    /// Adds the server's counts and the loop's lag to the loop's metrics.
    private static func measure(_ server: Server, _ metrics: LoopMetrics) {
        _ = LoopLag(of: server.loop, metrics)
        // Weak, against a cycle: the server's service holds the metrics.
        metrics.add { [weak server] in
            guard let server else { return }
            $0.add(.connections, server.connectionCount)
            $0.add(.waitingBodies, server.waitingBodyCount)
            $0.add(.bodyBytes, server.bodyBytes)
            let evictions = server.evictions
            $0.add(.overloaded, evictions.overloaded)
            $0.add(.evictedBodies, evictions.bodies, ("cap", "count"))
            $0.add(.evictedBodies, evictions.bytes, ("cap", "bytes"))
            $0.add(.evictedConnections, evictions.idle, ("was", "idle"))
            $0.add(.evictedConnections, evictions.slow, ("was", "slow"))
            $0.add(.shortages, evictions.shortages)
        }
    }

    /// Nil if METRICS_PORT is not set.
    private static func serveMetrics(
        of units: [Unit],
        _ options: RuntimeOptions,
        _ host: String,
        _ sink: LogSink
    ) throws(StartError) -> MetricsServer? {
        guard let port = options.metricsPort, let first = units.first,
            let address = SocketAddress(ip: host, port: UInt16(port))
        else { return nil }
        let metrics = units.compactMap { unit in unit.context.metrics.map { (unit.loop, $0) } }
        do throws(SystemError) {
            let collector = MetricsCollector(metrics, on: first.loop, sink)
            return try MetricsServer(collector, at: address, log: first.context.log)
        } catch {
            throw StartError(description: "METRICS_PORT: " + explain(error, host: host, port: port))
        }
    }

    /// The address that serves `/metrics`; nil if METRICS_PORT is not set.
    package var metricsAddress: SocketAddress? { metrics?.address }

    /// The service of each loop, for callers in this process that need no socket. Its functions must run on that loop.
    package var services: [(loop: EventLoop, service: Service)] {
        units.map { ($0.loop, $0.service.service) }
    }

    /// The first loop, which ``startOtherLoops()`` leaves to the main thread.
    var mainLoop: EventLoop { units[0].loop }

    /// Runs every loop on a thread of its own.
    package func start() throws(SystemError) {
        for unit in units { try unit.loop.startThread() }
    }

    /// Runs every loop except ``mainLoop`` on a thread of its own. None may stay unstarted: each loop listens already
    /// and has its share of the caps.
    func startOtherLoops() throws(SystemError) {
        stayOnCores()
        for unit in units.dropFirst() { try unit.loop.startThread() }
    }

    /// Pins each loop to a core, if there are as many cores as loops: a thread that moves between cores wakes later.
    private func stayOnCores() {
        let numbers = Cores.numbers
        guard options.loops == nil, numbers.count == units.count else { return }
        for (unit, number) in zip(units, numbers) { unit.loop.start { Cores.stay(on: number) } }
    }

    /// Drains every loop, within the times of ``RuntimeOptions/drain`` and ``RuntimeOptions/grace``. The loops go on
    /// running until ``stop()``. Call it on any loop, or on none.
    package func drain() async {
        let drains = units.map { unit in
            unit.loop.start { [options] in
                unit.service.isDraining = true
                let end = unit.loop.now + options.grace
                await unit.server.drain(accepting: options.drain, grace: options.grace)
                await unit.finish(until: end)
                unit.background.cancel()
                await unit.background.value
            }
        }
        for drain in drains { await drain.value }
        // Last, so that the metrics show the draining.
        await metrics?.stop()
    }

    /// Ends the threads of ``start()``, after ``drain()``.
    package func stop() {
        for unit in units { unit.loop.stop() }
    }

    /// Each loop's share of the process' caps.
    private static func share(
        _ options: ServerOptions,
        of loops: Int,
        within descriptors: Descriptors
    ) throws(StartError) -> ServerOptions {
        guard let connections = descriptors.connections else {
            throw StartError(
                description:
                    "the limit of open files (ulimit -n) is \(descriptors.limit), and \(loops) event loops need "
                    + "\(descriptors.least): raise it, or set LOOPS lower"
            )
        }
        var share = options
        share.connectionLimit = max(1, min(options.connectionLimit, connections) / loops)
        share.requestLimit = max(1, options.requestLimit / loops)
        share.waitingBodyLimit = max(1, options.waitingBodyLimit / loops)
        share.bodyBudget = options.bodyBudget / loops
        return share
    }

    /// Warns if the limit of open files allows fewer connections than MAX_CONNECTIONS.
    private static func warn(_ wanted: ServerOptions, _ descriptors: Descriptors, _ log: Log) {
        guard let most = descriptors.connections, most < wanted.connectionLimit else { return }
        log.write(.warning, "fewer connections") {
            $0.member("connections", most)
            $0.member("cause", "the limit of open files (ulimit -n) is \(descriptors.limit)")
        }
    }

    /// Why listening there failed, and what to do about it.
    package static func explain(_ error: SystemError, host: String, port: Int) -> String {
        let place = "\(host), port \(port)"
        return switch error.code {
        case EADDRINUSE: "\(place): port in use. End what listens there, or choose another one (0 picks a free one)."
        case EACCES: "\(place): not permitted. Ports below 1024 need privileges: choose a higher one."
        case EADDRNOTAVAIL: "\(place): this machine has no such address."
        case EAFNOSUPPORT: "\(place): this machine has no addresses of that kind."
        default: "cannot listen on \(place): \(error)"
        }
    }
}

extension Metric {
    fileprivate static let connections = Metric("connections", .gauge, "Open client connections.")
    fileprivate static let waitingBodies = Metric("bodies_waiting", .gauge, "Requests that wait for their body.")
    fileprivate static let bodyBytes = Metric("body_bytes", .gauge, "Bytes of request bodies in memory.")
    fileprivate static let overloaded = Metric(
        "requests_overloaded_total",
        .counter,
        "Requests refused with 503 because MAX_REQUESTS were in flight."
    )
    fileprivate static let evictedBodies = Metric(
        "bodies_evicted_total",
        .counter,
        "Requests refused with 408 to make room because they had waited longest for their body, by the cap reached."
    )
    fileprivate static let evictedConnections = Metric(
        "connections_evicted_total",
        .counter,
        "Connections closed to make room for new ones: idle ones, or slow ones whose client kept a request waiting."
    )
    fileprivate static let shortages = Metric(
        "descriptor_shortages_total",
        .counter,
        "Times that no connection could be accepted because descriptors or memory had run out."
    )
}
