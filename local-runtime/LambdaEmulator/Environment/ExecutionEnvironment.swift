import FunctionCore
package import FunctionEventLoop
import FunctionHTTP
import Glibc
package import LocalRuntimeConsole

/// One copy of the function: a process, the Runtime API that it talks to, and what it is at. ``EnvironmentState`` decides;
/// this carries out. Its other parts: +Calls answers the process, +Ending ends it.
package actor ExecutionEnvironment {
    package nonisolated let loop: EventLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    package let settings: LambdaSettings
    package let platform: Platform
    /// Called when an invocation is over.
    private let whenFree: @Sendable () -> Void

    package var state: EnvironmentState
    var process: ChildProcess?
    private var processLog: ProcessLog?
    private var server: Server?
    /// Those that are not over, by their ids.
    package var invocations: [String: LambdaInvocation] = [:]
    /// Who waits for an event, in order.
    var askers: [Promise<String?>] = []
    /// From the start of the process to its first ask; nil once an invocation has reported it.
    var initDuration: Interval?
    var initTimer: Timer?
    /// The process has asked for its first event.
    var hasStarted = false
    /// The process wants to be told that it is to end.
    var hasExtension = false
    /// The process has not been seen to end; nobody may be told before.
    package let gone = Promise<Void>()
    /// When an invocation was over last.
    private(set) var lastUse = Instant.now
    /// The most memory that the process was seen to have, in bytes.
    var peakMemory = 0

    /// What environments have in common.
    package struct Platform: Sendable {
        package let bootstrap: Bootstrap
        package let log: Output
        /// Where the function's own lines go.
        package let functionLog: Output
        /// Whether more of them may come.
        package var logHasRoom: @Sendable () -> Bool = { true }
        package let processGuard: ProcessGuard

        package init(
            bootstrap: Bootstrap,
            log: Output,
            functionLog: Output,
            logHasRoom: @escaping @Sendable () -> Bool = { true },
            processGuard: ProcessGuard
        ) {
            self.bootstrap = bootstrap
            self.log = log
            self.functionLog = functionLog
            self.logHasRoom = logHasRoom
            self.processGuard = processGuard
        }
    }

    package init(
        _ settings: LambdaSettings,
        _ platform: Platform,
        on loop: EventLoop,
        whenFree: @escaping @Sendable () -> Void
    ) {
        self.settings = settings
        self.platform = platform
        self.loop = loop
        self.whenFree = whenFree
        state = EnvironmentState(slots: settings.slots)
    }

    /// Starts the process.
    package func start() throws(SystemError) {
        let service = Service(respond: { [unowned self] in await self.answer($0) }, refuse: RuntimeAPI.refuse)
        let server = Server(on: loop, options: RuntimeAPI.serverOptions, service: service)
        // The address is numeric.
        let address = try server.listen(on: SocketAddress(ip: "127.0.0.1", port: 0)!)
        self.server = server
        let processLog = try ProcessLog(on: loop, mayTake: platform.logHasRoom) { [unowned self] bytes in
            assumeIsolated { $0.processSaid(bytes) }
        }
        self.processLog = processLog
        let bootstrap = platform.bootstrap
        let process = try ChildProcess(
            bootstrap.path,
            in: bootstrap.folder,
            environment: settings.environment(taskRoot: bootstrap.folder, runtimeAPI: "\(address)"),
            log: processLog.writeEnd
        )
        processLog.release()
        self.process = process
        platform.processGuard.add(process.id)
        initTimer = Timer(on: loop, at: process.start + settings.initTimeout) { [weak self] in
            self?.assumeIsolated { $0.initTimedOut() }
        }
        // The environment stays until its process has ended.
        process.whenEnded(on: loop) { await self.processEnded() }
    }

    /// Hands an invocation to the process as soon as it asks for one. There has to be room.
    package func take(_ invocation: LambdaInvocation) {
        invocations[invocation.id] = invocation
        guard state.take(invocation.id) else { return }
        thaw()
        askers.removeFirst().fulfil(invocation.id)
    }

    package var hasRoom: Bool { state.hasRoom }
    var isEnded: Bool { state.phase == .ended }

    /// Stops the process where it stands, as the platform does while there is nothing to do.
    func freeze() {
        guard settings.freezes, settings.slots == 1, state.isIdle else { return }
        process?.signal(SIGSTOP)
    }

    func thaw() {
        process?.signal(SIGCONT)
    }

    /// An invocation is over: its line in the log.
    package func report(_ invocation: LambdaInvocation) {
        drainLog()
        invocation.timer?.cancel()
        invocations[invocation.id] = nil
        lastUse = .now
        measureMemory()
        if invocation.start == nil { logStart(of: invocation) }
        if let text = invocation.error?.logged { say(text, of: invocation) }
        let report = Report(
            id: invocation.id,
            duration: invocation.start.map { .now - $0 } ?? .seconds(0),
            initDuration: initDuration.take(),
            memorySize: settings.memorySize,
            peakMemory: peakMemory,
            error: invocation.error
        )
        say("END RequestId: \(invocation.id)\n\(report.line)", of: invocation)
        invocation.over.fulfil()
        whenFree()
    }

    func logStart(of invocation: LambdaInvocation) {
        drainLog()
        say("START RequestId: \(invocation.id) Version: $LATEST", of: invocation)
    }

    /// A line of Lambda's own.
    private func say(_ line: String, of invocation: LambdaInvocation) {
        platform.log.line(line)
        invocation.tail?.append("\(line)\n".utf8)
    }

    /// The process does not tell of which invocation it speaks: it is taken for each that it has been handed. What it says
    /// while it starts is part of the first one's log.
    private func processSaid(_ bytes: [UInt8]) {
        _ = platform.functionLog.bytes(bytes)
        for invocation in invocations.values where invocation.start != nil || !hasStarted {
            invocation.tail?.append(bytes)
        }
    }

    /// Passes on what the process has said until now, so that what is said next follows it.
    func drainLog() {
        processLog?.drain()
    }

    /// What it has said was passed on, and what its children go on to say is lost.
    func closeLog() {
        drainLog()
        processLog?.close()
        processLog = nil
    }

    func measureMemory() {
        if let peak = process?.peakMemory { peakMemory = max(peakMemory, peak) }
    }

    /// Listens no more, and returns when all was read that the process had sent.
    func closeAPI() async {
        await server?.drain(accepting: .seconds(0), grace: .milliseconds(500))
        server = nil
    }
}
