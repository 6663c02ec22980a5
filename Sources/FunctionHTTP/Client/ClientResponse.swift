public import FunctionCore
public import FunctionEventLoop

/// The response to a request. Its content is read piece by piece, and arrives no faster than the reader takes it.
///
/// If it is not read to its end, ``cancel()`` closes its connection, and so does the end of its last copy.
public struct ClientResponse: Sendable {
    public let status: Status
    public let headers: Headers
    private let exchange: ClientExchange

    /// The result of one call for content.
    public enum Piece: Hashable, Sendable {
        /// At least one byte, at most 16 KiB.
        case bytes([UInt8])
        /// Nothing arrived by the deadline; the caller may try again.
        case nothing
        /// The response is complete.
        case end
    }

    init(_ head: ResponseHead, _ exchange: ClientExchange) {
        status = head.status
        headers = head.headers
        self.exchange = exchange
    }

    /// Returns the next piece of the content as soon as it arrives. Only one caller at a time.
    ///
    /// Throws ``ClientError/cancelled`` after ``cancel()``, and when the caller's task is cancelled, which also ends
    /// the response.
    public func next(until deadline: Instant) async throws(ClientError) -> Piece {
        try await exchange.next(until: deadline, heedsCancellation: true)
    }

    /// As ``next(until:)``. Without `heedsCancellation`, whoever cancels the caller's task has to call ``cancel()`` too:
    /// looking for that during each wait costs more than the rest of a wait.
    package func next(until deadline: Instant, heedsCancellation: Bool) async throws(ClientError) -> Piece {
        try await exchange.next(until: deadline, heedsCancellation: heedsCancellation)
    }

    /// Returns the rest of the content. If it is longer than `limit` bytes, closes the connection and returns nil.
    ///
    /// Throws ``ClientError/timedOut`` if the content is not complete by `deadline`.
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

    /// Ends a wait for content, and closes the connection unless the response was read to its end. Works from any
    /// thread.
    public func cancel() {
        exchange.cancel()
    }
}
