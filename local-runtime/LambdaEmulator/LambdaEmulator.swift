import FunctionCore
package import FunctionEventLoop
import FunctionHTTP
package import FunctionPlatforms
import FunctionRuntime
package import LocalRuntimeConsole

/// The function, its environments, and the port in front of them, all on one loop's thread.
package final class LambdaEmulator: @unchecked Sendable {
    // Unchecked: `server` is touched on the loop's thread alone.
    private let pool: EnvironmentPool
    private let server: Server
    /// The address it listens on.
    package let address: SocketAddress

    /// Listens and serves at once. The function's own lines go to `functionLog`; while `logHasRoom` returns false, they
    /// wait.
    package init(
        _ bootstrap: Bootstrap,
        _ settings: LambdaSettings,
        front kind: PlatformEvent.Kind,
        host: String,
        port: Int,
        log: Output,
        functionLog: Output,
        logHasRoom: @escaping @Sendable () -> Bool = { true },
        access: LambdaAccess = LambdaAccess(),
        on loop: EventLoop
    ) throws(CommandFailure) {
        let processGuard: ProcessGuard
        do throws(SystemError) {
            processGuard = try ProcessGuard()
        } catch {
            throw .couldNotRun("no process can be started: \(error)")
        }
        do throws(SystemError) {
            let platform = ExecutionEnvironment.Platform(
                bootstrap: bootstrap,
                log: log,
                functionLog: functionLog,
                logHasRoom: logHasRoom,
                processGuard: processGuard
            )
            pool = EnvironmentPool(settings, platform, on: loop)
            let front = GatewaySimulator(kind: kind, host: Self.name(of: kind, in: settings.region))
            let service = LambdaService(pool: pool, settings: settings, front: front, log: log, access: access)
            server = Server(
                on: loop,
                options: Self.options,
                service: Service(
                    respond: { await service.respond(to: $0) },
                    refuse: { Response($0.error.status, body: .text($0.reason + "\n")) }
                )
            )
            guard let wanted = SocketAddress(ip: host, port: UInt16(port)) else { throw SystemError("bind", 22) }
            address = try server.listen(on: wanted)
        } catch {
            throw .couldNotRun(FunctionServer.explain(error, host: host, port: port))
        }
    }

    /// Ends every process, fails the invocations that are not over, and stops listening.
    package func stop() async {
        await pool.close()
        await server.drain(accepting: .seconds(0), grace: .seconds(1))
    }

    private static var options: ServerOptions {
        var options = ServerOptions()
        // More than is accepted, so that an event that is too long gets the platform's own error.
        options.bodyLimit = 8 * LambdaService.eventLimit
        options.idleGrace = .milliseconds(10)
        return options
    }

    private static func name(of kind: PlatformEvent.Kind, in region: String) -> String {
        switch kind {
        case .gatewayV2: "local.lambda-url.\(region).on.aws"
        case .gatewayV1: "local.execute-api.\(region).amazonaws.com"
        case .loadBalancer, .multiValueLoadBalancer: "local.\(region).elb.amazonaws.com"
        }
    }
}
