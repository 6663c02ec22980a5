import Foundation
import FunctionCore
import FunctionEventLoop
import FunctionPlatforms
import FunctionTesting
import LocalRuntimeConsole
import LocalRuntimeFixtures
import LocalRuntimeLambda

/// An executable under the emulator, behind a function URL.
///
/// Lives on its loop's thread.
struct EmulatedFunction: Sendable {
    private let pool: EnvironmentPool
    private let service: LambdaService
    private let log: FunctionLog

    /// `settings` are those of the emulator. The process is started by the first request.
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
        service = LambdaService(
            pool: pool,
            settings: settings,
            front: GatewaySimulator(kind: .gatewayV2),
            log: output
        )
        self.log = log
    }

    /// What comes of a request; its response's cause is what was logged meanwhile.
    func outcome(of request: Request) async throws -> Outcome {
        let id = UUID().uuidString.lowercased()
        let start = Instant.now
        let logged = log.count
        var outcome = try await withTaskCancellationHandler {
            var response = await service.ask(request, id: id)
            await response.dropContent(of: request)
            return try await Outcome(of: response, since: start)
        } onCancel: {
            // An answer that does not come would be waited for.
            pool.loop.start { await pool.close() }
        }
        try Task.checkCancellation()
        await log.waitForEnd(of: id, on: pool.loop)
        outcome.keepsChunks = false
        outcome.response.cause = log.text(from: logged)
        return outcome
    }

    /// Returns when no process is left.
    func stop() async {
        await pool.close()
    }
}
