package import FunctionCore
package import FunctionEventLoop
import FunctionPlatforms
package import FunctionRuntime
import FunctionTesting

extension ReplayContract {
    /// What a client gets for `request` from the function that `makeFunction` makes for a loop.
    package func response(
        to request: Request,
        on loop: EventLoop,
        from makeFunction: (EventLoop) -> FunctionInstance
    ) async throws -> Response {
        switch self {
        case .direct:
            await direct(request, makeFunction(loop))
        case .http:
            try await HTTPTransport(contract: .http, loop: loop).response(to: request) { makeFunction($0.loop) }
        case .azure:
            try await HTTPTransport(contract: .azure, loop: loop).response(to: request) { makeFunction($0.loop) }
        case .fn:
            try await HTTPTransport(contract: .fn, loop: loop).response(to: request) { makeFunction($0.loop) }
        case .v2:
            try await EventTransport(kind: .gatewayV2).response(to: request, from: makeFunction(loop))
        case .streaming:
            try await EventTransport(kind: .gatewayV2, streams: true).response(to: request, from: makeFunction(loop))
        case .v1:
            try await EventTransport(kind: .gatewayV1).response(to: request, from: makeFunction(loop))
        case .alb:
            try await EventTransport(kind: .loadBalancer).response(to: request, from: makeFunction(loop))
        case .albMulti:
            try await EventTransport(kind: .multiValueLoadBalancer).response(to: request, from: makeFunction(loop))
        }
    }

    private func direct(_ request: Request, _ function: FunctionInstance) async -> Response {
        var response = await function.handler(request)
        await response.dropContent(of: request)
        return response
    }
}
