extension ServerSentEvent {
    /// What a block of an event stream says that has no data. It is no event, but takes effect from then on (HTML standard,
    /// section 9.2.6): servers begin a stream with how long to wait, or end it with where to go on.
    public struct Reconnection: Hashable, Sendable {
        /// What a client that reconnects sends as Last-Event-ID; nil leaves that as it was.
        public var id: String?
        /// How long a client waits before it reconnects, in milliseconds; nil leaves that as it was.
        public var retry: Int?

        public init(id: String? = nil, retry: Int? = nil) {
            self.id = id
            self.retry = retry
        }

        /// The same with what a later block says.
        public func followed(by later: Self) -> Self {
            Self(id: later.id ?? id, retry: later.retry ?? retry)
        }

        /// Appends the block as an event stream has it, the blank line included. What could not be read back is left out,
        /// as it is of an event.
        public func append(to bytes: inout [UInt8]) {
            ServerSentEvent.appendFields(of: self, to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
    }
}
