public import FunctionCore
public import FunctionHTTP

extension TestBody {
    /// The content as server-sent events, each as it comes.
    public var events: Events {
        Events(pieces: makeAsyncIterator())
    }

    public struct Events: AsyncSequence, AsyncIteratorProtocol {
        fileprivate let pieces: TestBody.AsyncIterator
        private var parser = ServerSentEventParser()
        private var parsed: ArraySlice<ServerSentEvent> = []

        fileprivate init(pieces: TestBody.AsyncIterator) {
            self.pieces = pieces
        }

        public func makeAsyncIterator() -> Events { self }

        public mutating func next() async throws(ClientError) -> ServerSentEvent? {
            while true {
                if let event = parsed.popFirst() { return event }
                guard let piece = try await pieces.next() else { return nil }
                do throws(ServerSentEventParser.TooLong) {
                    parsed = try parser.feed(piece)[...]
                } catch {
                    throw .malformed("\(error)")
                }
            }
        }
    }
}
