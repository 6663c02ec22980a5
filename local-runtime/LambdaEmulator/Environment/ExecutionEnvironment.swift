import FunctionCore
package import FunctionEventLoop
import FunctionHTTP
import Glibc
package import LocalRuntimeConsole

/// One copy of the function: its process, the Runtime API that the process talks to, and its state. ``EnvironmentState``
/// decides, this actor acts. +Calls serves the process, +Ending ends it.
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
    /// The invocations that are not over, by id.
    package var invocations: [String: LambdaInvocation] = [:]
    /// The requests for an event that wait, oldest first.
    var askers: [Promise<String?>] = []
    /// From the start of the process to its first request for an event; nil once an invocation has reported it.
    var initDuration: Interval?
    var initTimer: Timer?
    /// The process has asked for its first event.
    var hasStarted = false
    /// The process wants SIGTERM before it is killed.
    var hasExtension = false
    /// Fulfilled when the process has ended and was reaped.
    package let gone = Promise<Void>()
    /// When the last invocation ended.
    private(set) var lastUse = Instant.now
    /// The highest memory use measured so far, in bytes.
    var peakMemory = 0

    /// What all environments share.
    package struct Platform: Sendable {
        package let bootstrap: Bootstrap
        package let log: Output
        /// Where the function's own lines go.
        package let functionLog: Output
        /// Whether `functionLog` can take more.
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

    /// Serves the Runtime API and starts the process.
    package func start() throws(SystemError) {
        // A request that the process sent last may be served after the environment has gone; nobody reads the response.
        let respond: Handler = { [weak self] in await self?.respond($0) ?? Response(.serviceUnavailable) }
        let service = Service(respond: respond, refuse: RuntimeAPI.refuse)
        let server = Server(on: loop, options: RuntimeAPI.serverOptions, service: service)
        // The address is numeric.
        let address = try server.listen(on: SocketAddress(ip: "127.0.0.1", port: 0)!)
        self.server = server
        let processLog = try ProcessLog(on: loop, mayTake: platform.logHasRoom) { [weak self] bytes in
            self?.assumeIsolated { $0.processSaid(bytes) }
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
        // The closure keeps the environment alive until its process has ended.
        process.whenEnded(on: loop) { await self.processEnded() }
    }

    /// Hands an invocation to the process as soon as it asks for one. There must be room.
    package func take(_ invocation: LambdaInvocation) {
        invocations[invocation.id] = invocation
        guard state.take(invocation.id) else { return }
        thaw()
        askers.removeFirst().fulfil(invocation.id)
    }

    package var hasRoom: Bool { state.hasRoom }
    var isEnded: Bool { state.phase == .ended }

    /// Stops the process, as the platform does while there is no work.
    func freeze() {
        guard settings.freezes, settings.slots == 1, state.isIdle else { return }
        process?.signal(SIGSTOP)
    }

    func thaw() {
        process?.signal(SIGCONT)
    }

    /// Ends an invocation and writes the end of its log.
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

    /// Writes one of Lambda's own lines.
    private func say(_ line: String, of invocation: LambdaInvocation) {
        platform.log.line(line)
        invocation.tail?.append("\(line)\n".utf8)
    }

    /// Output names no invocation, so it goes into the log of each one that the process has been handed. Output of the
    /// start goes into the first one's.
    private func processSaid(_ bytes: [UInt8]) {
        _ = platform.functionLog.bytes(bytes)
        for invocation in invocations.values where invocation.start != nil || !hasStarted {
            invocation.tail?.append(bytes)
        }
    }

    /// Passes on what the process has written so far, so that the emulator's next line comes after it.
    func drainLog() {
        processLog?.drain()
    }

    /// Passes on what the process has written. What its children still write is lost.
    func closeLog() {
        drainLog()
        processLog?.close()
        processLog = nil
    }

    func measureMemory() {
        if let peak = process?.peakMemory { peakMemory = max(peakMemory, peak) }
    }

    /// Stops listening, and returns when everything that the process sent was read.
    func closeAPI() async {
        await server?.drain(accepting: .seconds(0), grace: .milliseconds(500))
        server = nil
    }
}
