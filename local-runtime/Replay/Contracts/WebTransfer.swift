package import FunctionCore
package import FunctionEventLoop
package import FunctionHTTP
package import FunctionTLS
import LocalRuntimeFixtures

/// HTTP exchanges by the project's own client, which sends exactly what was written, follows no redirects and decodes
/// nothing.
///
/// Lives on its client's loop.
package struct WebTransfer: Sendable {
    package let client: Client
    private let timeout: Interval

    /// Why there is no usable response.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// `timeout` bounds a whole exchange; `tls` decides which certificates https trusts.
    package init(on loop: EventLoop, timeout: Interval = .seconds(30), tls: TLSContext = .system) {
        var options = ClientOptions()
        options.tls = tls
        client = Client(on: loop, options: options)
        self.timeout = timeout
    }

    /// The response of `origin` to `request`; `base` is put before the path. With `keepsHost` the request has its own
    /// Host, if it names one, and otherwise that of `origin`.
    package func response(
        to request: Request,
        at origin: Origin,
        base: String = "",
        keepsHost: Bool = false
    ) async throws -> Response {
        let target = base + request.path + (request.query.map { "?" + $0 } ?? "")
        let body = try await request.body.collect(upTo: EventReader.sizeLimit)
        guard var wanted = ClientRequest(request.method, target, headers: request.headers, body: body) else {
            throw Skipped("a client cannot send such a target or method")
        }
        if keepsHost { wanted.host = request.headers[.host] }
        let deadline = Instant.now + timeout
        let response: ClientResponse
        do throws(ClientError) {
            response = try await client.send(wanted, to: origin, until: deadline)
        } catch {
            if error == .timedOut { throw late }
            throw error
        }
        return try await whole(response, until: deadline)
    }

    private func whole(_ response: ClientResponse, until deadline: Instant) async throws -> Response {
        defer { response.cancel() }
        var bytes: [UInt8] = []
        do throws(ClientError) {
            // One byte more than the limit is enough: the outcome then says that the body is too long.
            while bytes.count <= EventReader.sizeLimit {
                guard case .bytes(let more) = try await piece(of: response, until: deadline) else {
                    return Response(response.status, headers: response.headers, body: .bytes(bytes))
                }
                bytes += more
            }
        } catch {
            if error == .timedOut { throw late }
            if error == .cancelled { throw error }
        }
        // The response broke off after these bytes.
        return Response(response.status, headers: response.headers, body: .received([bytes], isComplete: false))
    }

    private func piece(
        of response: ClientResponse,
        until deadline: Instant
    ) async throws(ClientError) -> ClientResponse.Piece {
        let piece = try await response.next(until: deadline)
        guard piece != .nothing else { throw .timedOut }
        return piece
    }

    private var late: Failure { Failure(description: "no complete response within \(timeout.milliseconds) ms") }
}
