import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import LocalRuntimeConsole
import LocalRuntimeFixtures
import StreamTokensWorkflows

/// A workflow behind HTTP, for functions in other processes.
struct WorkflowServer: Sendable {
    private let server: Server
    /// The value for WORKFLOW_URL.
    let url: String

    /// The pause between outputs, without which the function could read two of them as one.
    private static let pause = Duration.milliseconds(30)
    /// Longer than any function waits.
    private static let ever = Duration.seconds(3600)

    /// Listens and serves at once. Must be called on the loop.
    init(_ workflow: any Workflow, on loop: EventLoop) throws(SystemError) {
        var options = ServerOptions()
        options.idleGrace = .seconds(0)
        let clock = LoopClock(loop)
        server = Server(
            on: loop,
            options: options,
            service: Service(
                respond: { await Self.response(to: $0, from: workflow, clock) },
                refuse: { Response($0.error.status) }
            )
        )
        // The address is numeric.
        url = "http://\(try server.listen(on: SocketAddress(ip: "127.0.0.1", port: 0)!))"
    }

    func stop() async {
        await server.drain(accepting: .seconds(0), grace: .seconds(0))
    }

    private static func response(
        to request: Request,
        from workflow: any Workflow,
        _ clock: LoopClock
    ) async -> Response {
        // If the body breaks off, nobody gets the response.
        let text = (try? await request.body.collect(upTo: EventReader.sizeLimit)) ?? []
        let call = WorkflowCall(
            workflow: String(request.path.dropFirst()),
            variablesText: text,
            organization: request.headers["x-organization"]?.string ?? ""
        )
        do throws(WorkflowFailure) {
            let run = try await workflow.start(call, within: ever)
            let first = try await run.next(within: ever)
            let isText = if case .bytes = first { true } else { false }
            return Response(
                .ok,
                headers: [.contentType: isText ? "text/plain" : "text/event-stream"],
                body: .stream { try await write(first, of: run, to: $0, clock) }
            )
        } catch {
            return await refusal(error, clock)
        }
    }

    private static func write(
        _ first: WorkflowOutput,
        of run: any WorkflowRun,
        to writer: any BodyWriter,
        _ clock: LoopClock
    ) async throws {
        var output = first
        while let bytes = output.bytes {
            try await writer.write(bytes)
            try await clock.sleep(for: pause)
            do throws(WorkflowFailure) {
                output = try await run.next(within: ever)
            } catch {
                if error == .timedOut { try await clock.sleep(for: ever) }
                if case .eventTooLarge(let limit) = error { try await writer.write(event(over: limit)) }
                throw error
            }
        }
    }

    private static func event(over limit: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        ServerSentEvent(data: String(repeating: "x", count: limit)).append(to: &bytes)
        return bytes
    }

    private static func refusal(_ failure: WorkflowFailure, _ clock: LoopClock) async -> Response {
        switch failure {
        case .notFound: return Response(.notFound)
        case .rejected(_, nil): return Response(.badRequest)
        case .rejected(_, let variable?):
            var json = JSONWriter()
            json.object { $0.member("variable", variable.description) }
            return Response(
                .unprocessableContent,
                headers: [.contentType: "application/json"],
                body: .bytes(json.bytes)
            )
        case .busy(let retryAfter):
            var response = Response(.serviceUnavailable)
            response.headers[.retryAfter] = retryAfter.map { Headers.Value($0) }
            return response
        case .timedOut:
            try? await clock.sleep(for: ever)
            return Response(.gatewayTimeout)
        case .eventTooLarge(let limit):
            return Response(.ok, headers: [.contentType: "text/event-stream"], body: .bytes(event(over: limit)))
        case .unavailable, .cancelled: return Response(.internalServerError)
        }
    }
}

extension WorkflowOutput {
    /// The bytes to write; nil at the end.
    fileprivate var bytes: [UInt8]? {
        var written: [UInt8] = []
        switch self {
        case .bytes(let bytes): written = bytes
        case .event(let event): event.append(to: &written)
        case .reconnection(let reconnection): reconnection.append(to: &written)
        case .silence: break
        case .end: return nil
        }
        return written
    }
}
