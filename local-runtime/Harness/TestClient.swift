public import FunctionCore
import FunctionEventLoop
public import FunctionHTTP

/// Sends requests to a runtime's functions, in this process or over a socket, so that one test can run both ways. Over a
/// socket, responses also have the fields of the connection (content-length, transfer-encoding, date), and the network
/// decides the pieces of a body.
public struct TestClient: Sendable {
    /// How requests reach the functions.
    public enum Way: String, CaseIterable, Sendable {
        /// By calls, on the functions' own loop.
        case inProcess
        /// Over HTTP/1.1 on a loopback port.
        case socket
    }

    private let way: Way
    private let runtime: LocalRuntime
    /// The timeout for a head, and for each piece of a body.
    public var timeout = Duration.seconds(30)

    package init(_ way: Way, of runtime: LocalRuntime) {
        self.way = way
        self.runtime = runtime
    }

    /// Gets `target`, a path with its query. `bearer` goes into the header authorization.
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

    /// Sends a request, and returns the response as soon as its head is there. Releasing the response hangs up.
    public func send(
        _ method: Method,
        _ target: String,
        bearer: String? = nil,
        headers: Headers = [:],
        body: [UInt8] = []
    ) async throws(ClientError) -> TestResponse {
        var headers = headers
        if let bearer {
            guard let value = Headers.Value("Bearer \(bearer)") else { throw .malformed("no header holds this token") }
            headers[.authorization] = value
        }
        guard let request = ClientRequest(method, target, headers: headers, body: body) else {
            throw .malformed("no client sends this method or target")
        }
        let response = try await runtime.send(request, way, until: .now + Interval(timeout))
        return TestResponse(response, timeout: timeout, of: runtime)
    }
}
