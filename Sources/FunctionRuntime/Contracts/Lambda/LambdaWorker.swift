import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionPlatforms

/// Carries out what a ``LambdaCycle`` says, one event after the other; there is one worker for each event at once. Its
/// other parts: +Answer has an event answered, +Calls speaks with the Runtime API.
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

    /// An event that is being answered.
    struct Event: Sendable {
        let invocation: InvocationFields
        /// Nil if it was longer than Lambda's are, and when it was read.
        var bytes: [UInt8]?
        let schedule: LambdaSchedule?
        let start: Instant

        /// For the handler; nil if its time is not limited.
        var times: (cancel: Instant, giveUp: Instant)? { schedule.map { ($0.cancel, $0.giveUp) } }
    }

    nonisolated let dependencies: Dependencies
    nonisolated var loop: EventLoop { dependencies.context.loop }
    nonisolated var unownedExecutor: UnownedSerialExecutor { dependencies.context.loop.asUnownedSerialExecutor() }
    let work: TimedWork
    var cycle = LambdaCycle()
    /// What the answer to `next` has led to.
    var asked = LambdaCycle.Action.end(.stopped)
    /// Waits for the answer to `next`.
    var asking: Task<Void, Never>?
    var event: Event?
    /// What the event asks.
    var pending: (request: Request, kind: PlatformEvent.Kind)?
    /// The watch over the event under way, if its time is limited.
    private var watched: LambdaWatch.Number?
    /// Whether the last call for an event has failed: told once in a row.
    var isFailing = false

    /// How long the function may take to settle where no deadline is known.
    private static let settling = Interval.seconds(5)

    init(_ dependencies: Dependencies) {
        self.dependencies = dependencies
        work = TimedWork(on: dependencies.context.loop)
    }

    /// Answers events until there are to be no more; answers why.
    func run() async -> LambdaCycle.End {
        var action = LambdaCycle.Action.ask(after: .seconds(0))
        while true {
            switch action {
            case .answer:
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

    /// Asks for no more events.
    func stop() {
        cycle.stop()
        asking?.cancel()
    }

    /// Has what is under way come to its end: whoever answers sees that its task is cancelled.
    func cancel() {
        work.cancel()
    }

    private func ask(after delay: Interval) async -> LambdaCycle.Action {
        // The process may be frozen as soon as it has asked: nothing may be left to be done.
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

    /// Lets the function do what must not wait until after a freeze.
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
