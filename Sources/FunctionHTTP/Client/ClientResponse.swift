public import FunctionCore
public import FunctionEventLoop

/// The response to a request, whose content is asked for piece by piece: it comes no faster than its reader takes it.
///
/// Where it is not read to its end its connection is closed, by ``cancel()`` or when nobody holds it any more.
public struct ClientResponse: Sendable {
    public let status: Status
    public let headers: Headers
    private let exchange: ClientExchange

    /// What a call for content gives.
    public enum Piece: Hashable, Sendable {
        /// At least one byte, at most 16 KiB.
        case bytes([UInt8])
        /// Nothing has come until the deadline; it may be asked for again.
        case nothing
        /// The response is complete.
        case end
    }

    init(_ head: ResponseHead, _ exchange: ClientExchange) {
        status = head.status
        headers = head.headers
        self.exchange = exchange
    }

    /// The next piece of the content, as soon as there is any. One caller at a time.
    ///
    /// Throws ``ClientError/cancelled`` after ``cancel()``, and when the caller's task is cancelled, which ends the
    /// response as well.
    public func next(until deadline: Instant) async throws(ClientError) -> Piece {
        try await exchange.next(until: deadline)
    }

    /// The rest of the content; nil if it is longer than `limit` bytes: then its connection is closed.
    ///
    /// Throws ``ClientError/timedOut`` if it is not complete by `deadline`.
    public func collect(upTo limit: Int, until deadline: Instant) async throws(ClientError) -> [UInt8]? {
        var content: [UInt8] = []
        while true {
            switch try await next(until: deadline) {
            case .bytes(let piece) where content.count + piece.count > limit:
                cancel()
                return nil
            case .bytes(let piece): content += piece
            case .nothing:
                cancel()
                throw .timedOut
            case .end: return content
            }
        }
    }

    /// Closes the connection if the response is not read to its end, and ends a wait for its content. From any thread.
    public func cancel() {
        exchange.cancel()
    }
}
