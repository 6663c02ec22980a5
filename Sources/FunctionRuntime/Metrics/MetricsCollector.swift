import FunctionEventLoop
import FunctionMetrics

/// Puts the metrics of every loop together, each read on its own thread.
actor MetricsCollector {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private var units: [Unit]
    private let sink: LogSink
    private var waiters: [Promise<Void>] = []

    private struct Unit {
        let loop: EventLoop
        let metrics: LoopMetrics
        /// What it told last. A loop that is late is counted by that: were it left out, its counters would seem to begin
        /// anew.
        var reading: MetricsReading
        var isAsked = false
    }

    /// How long a loop may take to answer; Prometheus itself waits for 10 s.
    private static let timeout = Interval.milliseconds(500)

    /// Works on `loop`. What each loop starts from is read now: no loop may run yet.
    init(_ metrics: [(loop: EventLoop, metrics: LoopMetrics)], on loop: EventLoop, _ sink: LogSink) {
        units = metrics.map { Unit(loop: $0.loop, metrics: $0.metrics, reading: $0.metrics.read()) }
        self.loop = loop
        self.sink = sink
    }

    /// What the process' metrics stand at.
    func read() async -> MetricsReading {
        for index in units.indices where !units[index].isAsked { ask(index) }
        await waitForAnswers()
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

    private func waitForAnswers() async {
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
    fileprivate static let loops = Metric("loops", .gauge, "Event loops, a thread each.")
    fileprivate static let lateLoops = Metric(
        "loops_late",
        .gauge,
        "Event loops that did not answer within 0.5 s, and are counted as they stood before."
    )
    fileprivate static let droppedLines = Metric(
        "log_lines_dropped_total",
        .counter,
        "Log lines that were dropped as nobody read them."
    )
}
