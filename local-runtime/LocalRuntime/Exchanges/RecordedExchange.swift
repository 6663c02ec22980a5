import Function

/// A request that went through the functions, and what is known of its answer.
///
/// Of the messages themselves, the heads are kept and of the bodies the beginning; nothing here keeps a connection.
struct RecordedExchange: Sendable {
    enum State: String, Sendable {
        /// The function has not answered yet.
        case waiting
        /// The answer's body is being written.
        case streaming
        /// The answer was written to its end.
        case complete
        /// The answer's body came to no end: its writer failed, or its reader went away.
        case broken
    }

    struct Answer: Sendable {
        let status: Status
        let headers: Headers
        /// The body's length in bytes, where that was known beforehand.
        let length: Int?
        var body = RecordedBody()
    }

    /// From 1, in the order in which the requests came.
    let number: Int
    /// The log's revision of the last change.
    var revision: Int
    /// Milliseconds since 1970.
    let start: Int
    var end: Int?
    var state = State.waiting

    let method: Method
    let path: String
    let query: String?
    let headers: Headers
    var body = RecordedBody()
    var answer: Answer?
}

/// The beginning of a body, and how much there was of it.
struct RecordedBody: Sendable {
    /// How many bytes are kept.
    static let limit = 4096

    private(set) var bytes: [UInt8] = []
    /// How many bytes there were until now.
    private(set) var size = 0

    mutating func append(_ chunk: [UInt8]) {
        size += chunk.count
        bytes += chunk.prefix(Self.limit - bytes.count)
    }
}
