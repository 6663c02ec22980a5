import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionPlatforms

/// Carries out the actions of a ``LambdaCycle``, one event after the other; there is one worker for each concurrent
/// event. The extension in +Response makes and posts the response to an event, +Calls has the calls to the Runtime API.
actor LambdaWorker {
    /// What the workers of a process share.
    struct Dependencies: Sendable {
        let context: LoopContext
        let options: LambdaOptions
        let client: Client
        let service: FunctionService
        let settle: @Sendable () async -> Void
        let watch: LambdaWatch
        let process: LambdaProcess
    }

    /// The event in flight.
    struct Event: Sendable {
        let invocation: InvocationFields
        /// The event's JSON; nil if it was over the limit, and once parsed.
        var bytes: [UInt8]?
        let schedule: LambdaSchedule?
        let start: Instant

        /// The handler's times; nil if there is no deadline.
        var times: (cancel: Instant, giveUp: Instant)? { schedule.map { ($0.cancel, $0.giveUp) } }
    }

    nonisolated let dependencies: Dependencies
    nonisolated var loop: EventLoop { dependencies.context.loop }
    nonisolated var unownedExecutor: UnownedSerialExecutor { dependencies.context.loop.asUnownedSerialExecutor() }
    let work: TimedWork
    var cycle = LambdaCycle()
    /// The action that followed from the last call of `next`.
    var asked = LambdaCycle.Action.end(.stopped)
    /// Waits for the response to `next`.
    var asking: Task<Void, Never>?
    var event: Event?
    /// The event's request.
    var pending: (request: Request, kind: PlatformEvent.Kind)?
    /// Identifies the event to the watch; nil if there is no deadline.
    private var watched: LambdaWatch.Number?
    /// Whether the last call of `next` failed: of consecutive failures only the first is logged.
    var isFailing = false

    /// How long the function may take to settle if the event has no deadline.
    private static let settling = Interval.seconds(5)

    init(_ dependencies: Dependencies) {
        self.dependencies = dependencies
        work = TimedWork(on: dependencies.context.loop)
    }

    /// Serves events until the cycle ends; returns why it ended.
    func run() async -> LambdaCycle.End {
        var action = LambdaCycle.Action.ask(after: .seconds(0))
        while true {
            switch action {
            case .respond:
                begin()
                action = await respond()
            case .excuse:
                action = await excuse()
            case .ask:
                await settle()
                action = cycle.settled(action)
                if case .ask(let delay) = action { action = await ask(after: delay) }
            case .end(let end):
                await settle()
                return end
            }
        }
    }

    /// Stops polling.
    func stop() {
        cycle.stop()
        asking?.cancel()
    }

    /// Cancels the task of the handler in flight.
    func cancel() {
        work.cancel()
    }

    private func ask(after delay: Interval) async -> LambdaCycle.Action {
        // The process may be frozen as soon as it has called `next`, so no work may be pending.
        dependencies.context.log.flush()
        let task = loop.start { await self.next(after: delay) }
        asking = task
        await task.value
        asking = nil
        return asked
    }

    private func begin() {
        guard let event else { return }
        if dependencies.options.concurrency == 1 { dependencies.process.publish(event.invocation.traceID?.string) }
        if let schedule = event.schedule {
            watched = dependencies.watch.begin(event.invocation.id, until: schedule.spinning)
        }
    }

    /// Lets the function finish the work that must not wait until after a freeze, and ends the event.
    private func settle() async {
        guard let event else { return }
        let schedule = event.schedule ?? LambdaSchedule(left: Self.settling, from: .now)
        _ = await work.run((schedule.giveUp, schedule.settled), dependencies.settle)
        if let watched { dependencies.watch.end(watched) }
        watched = nil
        self.event = nil
        pending = nil
    }
}
