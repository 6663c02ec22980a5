public import FunctionEventLoop

extension Socket {
    /// Performs a TLS handshake as the client, by `deadline`; later reads and writes go through TLS. The server's
    /// certificate must be valid for `serverName`, a name or an IP address. Closes the socket before it throws.
    public func startTLS(_ context: TLSContext, serverName: String, until deadline: Instant) async throws(TLSError) {
        do throws(TLSError) {
            try await performHandshake(context, serverName, until: deadline)
        } catch {
            close()
            throw error
        }
    }

    private func performHandshake(
        _ context: TLSContext,
        _ serverName: String,
        until deadline: Instant
    ) async throws(TLSError) {
        #if TLS
        let filter = try TLSFilter(context.load(), serverName: serverName, on: self)
        self.filter = filter
        while try !filter.continueHandshake() {
            // Check here too: a server that keeps sending single bytes would never let the wait time out.
            guard loop.now < deadline else { throw filter.hasReceived ? .timedOut : .noResponse }
            switch await readable(until: deadline) {
            case .ready: continue
            case .timedOut: throw filter.hasReceived ? .timedOut : .noResponse
            case .interrupted: throw .interrupted
            }
        }
        #else
        throw .notBuilt
        #endif
    }
}
