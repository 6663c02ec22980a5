import FunctionCore
import FunctionEventLoop
import FunctionPlatforms
import LocalRuntimeFixtures
import LocalRuntimeLambda
import StreamTokensStreamFunction
import StreamTokensWorkflows

/// Both functions in one environment, each started when it is first asked; and the workflow, if one is given.
actor EmulatedFunctions {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let binaries: Binaries
    private let processGuard: ProcessGuard
    private var settings: LambdaSettings
    private let workflow: (any Workflow)?
    private let plan: RedisGate.Plan?
    private var gate: RedisGate?
    /// Whether the processes were killed, as the fixture says.
    private(set) var isKilled = false
    private var workflowServer: WorkflowServer?
    private var token: EmulatedFunction?
    private var stream: EmulatedFunction?

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
        // Longer ones the platform may refuse.
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
        guard StreamFunction.answers(at: path) else {
            let function = try token ?? EmulatedFunction(binaries.token, settings, processGuard, on: loop)
            token = function
            return function
        }
        if let stream { return stream }
        var settings = settings
        if let workflow {
            let server = try WorkflowServer(workflow, on: loop)
            workflowServer = server
            settings.variables["WORKFLOW_URL"] = server.url
        }
        let function = try EmulatedFunction(binaries.stream, settings, processGuard, on: loop)
        stream = function
        return function
    }

    private func kill() async {
        isKilled = true
        await token?.stop()
        await stream?.stop()
    }

    /// Returns when no process is left.
    func stop() async {
        await token?.stop()
        await stream?.stop()
        await workflowServer?.stop()
        gate?.close()
    }
}
