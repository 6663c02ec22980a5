package import FunctionCore
package import FunctionEventLoop
import FunctionPlatforms
package import FunctionRuntime
import FunctionTesting
package import LocalRuntimeConsole

/// The way by which an event reaches the function in a replay.
package enum ReplayContract: String, CaseIterable, Sendable {
    /// As a call of the handler, without a platform.
    case direct
    /// Over HTTP/1.1, through the server.
    case http
    /// As an event of an HTTP API or a function URL (payload format 2.0), answered whole.
    case v2
    /// The same, answered by a stream.
    case streaming
    /// As an event of a REST API.
    case v1
    /// As an event of a load balancer whose target group has multi-value headers off, and on.
    case alb
    case albMulti = "alb-multi"
    /// Over HTTP/1.1, as an Azure custom handler.
    case azure
    /// As a call of Fn over a unix socket.
    case fn

    /// Whether a client sees nothing of an answer before all of it is there.
    var collectsAnswers: Bool {
        switch self {
        case .direct, .http, .streaming, .azure: false
        case .v2, .v1, .alb, .albMulti, .fn: true
        }
    }

    /// Whether the pieces of a stream arrive as they were written.
    var keepsChunks: Bool { self == .direct || self == .streaming }

    package static let option = CommandSyntax.Option(
        name: "--contract",
        value: "NAME",
        summary: "By which way events come, or all; may be given again for more (direct)",
        isRepeatable: true
    )

    /// Their names, apart by commas.
    package static let names = allCases.map(\.rawValue).joined(separator: ", ")

    /// The contracts of these names, each once, in order; `all` of them; the direct way if there is no name.
    package static func named(_ names: [String]) throws(CommandFailure) -> [ReplayContract] {
        var named: Set<ReplayContract> = names.isEmpty ? [.direct] : []
        for name in names where name != "all" {
            guard let contract = ReplayContract(rawValue: name) else {
                throw .usage("\(name) is no contract; there are all, \(Self.names)")
            }
            named.insert(contract)
        }
        return allCases.filter { names.contains("all") || named.contains($0) }
    }

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

/// Why a fixture, or a part of it, has no room in a back end.
struct Skipped: Error, Hashable, Sendable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
