package import FunctionCore
package import FunctionEventLoop
import FunctionPlatforms
package import FunctionRuntime
import FunctionTesting
package import LocalRuntimeConsole

/// How an event reaches the function in a replay.
package enum ReplayContract: String, CaseIterable, Sendable {
    /// By a direct call of the handler, without a platform.
    case direct
    /// Over HTTP/1.1, through the server.
    case http
    /// As an event of an HTTP API or a function URL (payload format 2.0), with a buffered response.
    case v2
    /// The same, with a streamed response.
    case streaming
    /// As an event of a REST API.
    case v1
    /// As an event of a load balancer whose target group has multi-value headers off.
    case alb
    /// The same, with multi-value headers on.
    case albMulti = "alb-multi"
    /// Over HTTP/1.1, as an Azure custom handler.
    case azure
    /// As a call of Fn over a unix socket.
    case fn

    /// Whether the client gets nothing of a response before it is complete.
    var collectsResponses: Bool {
        switch self {
        case .direct, .http, .streaming, .azure: false
        case .v2, .v1, .alb, .albMulti, .fn: true
        }
    }

    /// Whether requests reach the function through its server.
    var hasServer: Bool { self == .http || self == .azure || self == .fn }

    /// Whether the chunks of a stream arrive as they were written.
    var keepsChunks: Bool { self == .direct || self == .streaming }

    package static let option = CommandSyntax.Option(
        name: "--contract",
        value: "NAME",
        summary: "How events reach the function, or all (default direct); may be repeated",
        isRepeatable: true
    )

    package static let names = allCases.map(\.rawValue).joined(separator: ", ")

    /// The contracts with these names, each once and in order. The name `all` means all of them; without names it is direct.
    package static func named(_ names: [String]) throws(CommandFailure) -> [ReplayContract] {
        var named: Set<ReplayContract> = names.isEmpty ? [.direct] : []
        for name in names where name != "all" {
            guard let contract = ReplayContract(rawValue: name) else {
                throw .usage("\(name) is not a contract; write all, \(Self.names)")
            }
            named.insert(contract)
        }
        return allCases.filter { names.contains("all") || named.contains($0) }
    }

    /// The client's response to `request` from the function that `makeFunction` makes for a loop.
    package func response(
        to request: Request,
        on loop: EventLoop,
        from makeFunction: (EventLoop) -> FunctionInstance
    ) async throws -> Response {
        func overSocket(_ contract: Contract) async throws -> Response {
            try await HTTPTransport(contract: contract, loop: loop).response(to: request) { makeFunction($0.loop) }
        }
        func asEvent(_ kind: PlatformEvent.Kind, streams: Bool = false) async throws -> Response {
            try await EventTransport(kind: kind, streams: streams).response(to: request, from: makeFunction(loop))
        }

        switch self {
        case .direct:
            var response = await makeFunction(loop).handler(request)
            await response.dropContent(of: request)
            return response
        case .http: return try await overSocket(.http)
        case .azure: return try await overSocket(.azure)
        case .fn: return try await overSocket(.fn)
        case .v2: return try await asEvent(.gatewayV2)
        case .streaming: return try await asEvent(.gatewayV2, streams: true)
        case .v1: return try await asEvent(.gatewayV1)
        case .alb: return try await asEvent(.loadBalancer)
        case .albMulti: return try await asEvent(.multiValueLoadBalancer)
        }
    }
}

/// Why a back end cannot run a fixture or a part of it.
struct Skipped: Error, Hashable, Sendable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
