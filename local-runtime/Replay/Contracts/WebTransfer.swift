package import FunctionCore
package import FunctionEventLoop
package import FunctionHTTP
package import FunctionTLS
import LocalRuntimeFixtures

/// Exchanges by the project's own client: what is sent is what was written, and an answer is what comes from where it was
/// asked. Redirects are not followed, nothing is decoded.
///
/// Lives on its client's loop.
package struct WebTransfer: Sendable {
    package let client: Client
    private let patience: Interval

    /// Why there was no answer, or none that could be kept.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// `patience` is how long an exchange may take, `tls` whom to trust by https.
    package init(on loop: EventLoop, patience: Interval = .seconds(30), tls: TLSContext = .system) {
        var options = ClientOptions()
        options.tls = tls
        client = Client(on: loop, options: options)
        self.patience = patience
    }

    /// What `request` is answered at `origin`, whose paths have `base` before them.
    package func response(
        to request: Request,
        at origin: Origin,
        base: String = ""
    ) async throws -> Response {
        let target = base + request.path + (request.query.map { "?" + $0 } ?? "")
        let body = try await request.body.collect(upTo: EventReader.sizeLimit)
        guard let wanted = ClientRequest(request.method, target, headers: request.headers, body: body) else {
            throw Skipped("no client sends such a target or method")
        }
        let deadline = Instant.now + patience
        let answer: ClientResponse
        do throws(ClientError) {
            answer = try await client.send(wanted, to: origin, until: deadline)
        } catch {
            if error == .timedOut { throw late }
            throw error
        }
        return try await whole(answer, until: deadline)
    }

    private func whole(_ answer: ClientResponse, until deadline: Instant) async throws -> Response {
        defer { answer.cancel() }
        var bytes: [UInt8] = []
        do throws(ClientError) {
            // Of what is longer an outcome says so.
            while bytes.count <= EventReader.sizeLimit {
                guard case .bytes(let more) = try await piece(of: answer, until: deadline) else {
                    return Response(answer.status, headers: answer.headers, body: .bytes(bytes))
                }
                bytes += more
            }
        } catch {
            if error == .timedOut { throw late }
            if error == .cancelled { throw error }
        }
        // What has come is an answer that was broken off.
        return Response(answer.status, headers: answer.headers, body: .received([bytes], isComplete: false))
    }

    private func piece(
        of answer: ClientResponse,
        until deadline: Instant
    ) async throws(ClientError) -> ClientResponse.Piece {
        let piece = try await answer.next(until: deadline)
        guard piece != .nothing else { throw .timedOut }
        return piece
    }

    private var late: Failure { Failure(description: "no whole answer within \(patience.milliseconds) ms") }
}
