import EventLoop
import Function
import FunctionRuntime

extension ReplayContract {
    /// What a client gets for `request` from the function that `makeFunction` makes for a loop.
    func response(
        to request: Request,
        on loop: EventLoop,
        from makeFunction: (EventLoop) -> FunctionInstance
    ) async throws -> Response {
        switch self {
        case .direct:
            await direct(request, makeFunction(loop))
        case .http:
            try await WireCarrier(contract: .http, loop: loop).response(to: request) { makeFunction($0.loop) }
        case .azure:
            try await WireCarrier(contract: .azure, loop: loop).response(to: request) { makeFunction($0.loop) }
        case .fn:
            try await WireCarrier(contract: .fn, loop: loop).response(to: request) { makeFunction($0.loop) }
        case .v2, .streaming, .v1, .alb, .albMulti:
            throw CannotCarry("not yet")
        }
    }

    private func direct(_ request: Request, _ function: FunctionInstance) async -> Response {
        var response = await function.handler(request)
        // No client sees content there (RFC 9110, section 9.3.2).
        if request.method == .head { response.body = .empty }
        return response
    }
}
