public import FunctionCore
import FunctionEventLoop
public import FunctionHTTP

/// Asks a runtime's functions, in this process or over a socket: a test is written once, and run by both ways. Over a
/// socket messages also have the fields of the connection (content-length, transfer-encoding, date), and a body's pieces
/// are those that the network makes.
public struct TestClient: Sendable {
    /// How requests reach the functions.
    public enum Way: String, CaseIterable, Sendable {
        /// As calls, on the functions' own loop.
        case inProcess
        /// Over HTTP/1.1 on a loopback port.
        case socket
    }

    private let way: Way
    private let runtime: LocalRuntime
    /// How long it waits for a head, and for each piece of a body.
    public var patience = Duration.seconds(30)

    package init(_ way: Way, of runtime: LocalRuntime) {
        self.way = way
        self.runtime = runtime
    }

    /// Asks for `target`, a path with its query. `bearer` goes into the field authorization.
    public func get(
        _ target: String,
        bearer: String? = nil,
        headers: Headers = [:]
    ) async throws(ClientError) -> TestResponse {
        try await send(.get, target, bearer: bearer, headers: headers)
    }

    /// Posts `body` to `target`.
    public func post(
        _ target: String,
        bearer: String? = nil,
        headers: Headers = [:],
        body: String = ""
    ) async throws(ClientError) -> TestResponse {
        try await send(.post, target, bearer: bearer, headers: headers, body: Array(body.utf8))
    }

    /// Sends any request, and answers its response as soon as its head is there. To let go of a response is to hang up.
    public func send(
        _ method: Method,
        _ target: String,
        bearer: String? = nil,
        headers: Headers = [:],
        body: [UInt8] = []
    ) async throws(ClientError) -> TestResponse {
        var headers = headers
        if let bearer {
            guard let value = Headers.Value("Bearer \(bearer)") else { throw .malformed("no field holds such a token") }
            headers[.authorization] = value
        }
        guard let request = ClientRequest(method, target, headers: headers, body: body) else {
            throw .malformed("no client sends such a method or target")
        }
        let answer = try await runtime.send(request, way, until: .now + Interval(patience))
        return TestResponse(answer, patience: patience, of: runtime)
    }
}
