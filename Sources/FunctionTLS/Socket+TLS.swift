public import FunctionEventLoop

extension Socket {
    /// Has what is read and written from now on go through TLS, as the client of a server that shows a certificate for
    /// `serverName`: a name or an IP address. By `deadline`; what it throws has closed the socket.
    public func startTLS(_ context: TLSContext, serverName: String, until deadline: Instant) async throws(TLSError) {
        do throws(TLSError) {
            try await shakeHands(context, serverName, until: deadline)
        } catch {
            close()
            throw error
        }
    }

    private func shakeHands(
        _ context: TLSContext,
        _ serverName: String,
        until deadline: Instant
    ) async throws(TLSError) {
        #if TLS
        let filter = try TLSFilter(context.load(), serverName: serverName, on: self)
        self.filter = filter
        while try !filter.shakeHands() {
            // A server that sends byte after byte would else never be too late.
            guard loop.now < deadline else { throw filter.hasAnswer ? .timedOut : .noAnswer }
            switch await readable(until: deadline) {
            case .ready: continue
            case .timedOut: throw filter.hasAnswer ? .timedOut : .noAnswer
            case .interrupted: throw .interrupted
            }
        }
        #else
        throw .notBuilt
        #endif
    }
}
