import FoundationEssentials
import FunctionCore
import FunctionEventLoop
import FunctionPlatforms
import FunctionTesting
import LocalRuntimeConsole
import LocalRuntimeFixtures
import LocalRuntimeLambda
import StreamTokensWorkflows

/// All functions with the same settings, each started by its first request, and the workflow if one is given.
actor EmulatedFunctions {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let binaries: Binaries
    private let processGuard: ProcessGuard
    private var settings: LambdaSettings
    private let workflow: (any Workflow)?
    private let plan: RedisGate.Plan?
    private var gate: RedisGate?
    /// Whether the processes were killed because the fixture says so.
    private(set) var isKilled = false
    private var workflowServer: WorkflowServer?
    private var running: [String: EmulatedFunction] = [:]

    init(
        _ binaries: Binaries,
        _ settings: LambdaSettings,
        workflow: (any Workflow)?,
        gate plan: RedisGate.Plan?,
        _ processGuard: ProcessGuard,
        on loop: EventLoop
    ) {
        self.binaries = binaries
        self.settings = settings
        self.workflow = workflow
        self.plan = plan
        self.processGuard = processGuard
        self.loop = loop
    }

    func outcome(of request: Request) async throws -> Outcome {
        // The platform may refuse a longer body.
        if case .bytes(let bytes) = request.body.storage, bytes.count > PlatformEvent.sizeLimit / 2 {
            throw Skipped("the platform itself may refuse a body of \(bytes.count) bytes")
        }
        return try await function(at: request.path).outcome(of: request)
    }

    private func function(at path: String) throws -> EmulatedFunction {
        if let plan, gate == nil {
            let gate = try RedisGate(plan, on: loop) { self.loop.start { await self.kill() } }
            settings.variables["REDIS_URL"] = gate.url
            self.gate = gate
        }
        let name = PackageFunction.recipient(at: path)
        if let function = running[name] { return function }
        var settings = settings
        if name == "stream", let workflow {
            let server = try WorkflowServer(workflow, on: loop)
            workflowServer = server
            settings.variables["WORKFLOW_URL"] = server.url
        }
        let function = try EmulatedFunction(binaries[name], settings, processGuard, on: loop)
        running[name] = function
        return function
    }

    private func kill() async {
        isKilled = true
        for function in running.values { await function.stop() }
    }

    /// Ends all processes and waits until none is left.
    func stop() async {
        for function in running.values { await function.stop() }
        await workflowServer?.stop()
        gate?.close()
    }
}

/// An executable under the emulator, behind a function URL. Lives on its loop's thread.
struct EmulatedFunction: Sendable {
    private let pool: EnvironmentPool
    private let service: LambdaService
    private let log: FunctionLog

    /// `settings` are those of the emulator. The first request starts the process.
    init(
        _ bootstrap: Bootstrap,
        _ settings: LambdaSettings,
        _ processGuard: ProcessGuard,
        on loop: EventLoop
    ) throws(SystemError) {
        let log = try FunctionLog()
        let output = Output { log.write($0) }
        let platform = ExecutionEnvironment.Platform(
            bootstrap: bootstrap,
            log: output,
            functionLog: Output(descriptor: log.descriptor, allowsColor: false),
            processGuard: processGuard
        )
        pool = EnvironmentPool(settings, platform, on: loop)
        service = LambdaService(pool: pool, settings: settings, front: GatewaySimulator(kind: .gatewayV2), log: output)
        self.log = log
    }

    /// The outcome of a request. Its response's cause is what was logged meanwhile.
    func outcome(of request: Request) async throws -> Outcome {
        let id = UUID().uuidString.lowercased()
        let start = Instant.now
        let logged = log.count
        var outcome = try await withTaskCancellationHandler {
            var response = await service.ask(request, id: id)
            await response.dropContent(of: request)
            return try await Outcome(of: response, since: start)
        } onCancel: {
            // Otherwise this would wait for a response that may never come.
            pool.loop.start { await pool.close() }
        }
        try Task.checkCancellation()
        await log.waitForEnd(of: id, on: pool.loop)
        outcome.keepsChunks = false
        outcome.response.cause = log.text(from: logged)
        return outcome
    }

    /// Ends all processes and waits until none is left.
    func stop() async {
        await pool.close()
    }
}
