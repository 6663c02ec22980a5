package import FunctionCore

/// A request that went through the functions, and what is known of its answer.
///
/// Of the messages themselves, the heads are kept and of the bodies the beginning; nothing here keeps a connection.
package struct RecordedExchange: Sendable {
    package enum State: String, Sendable {
        /// The function has not answered yet.
        case waiting
        /// The answer's body is being written.
        case streaming
        /// The answer was written to its end.
        case complete
        /// The answer's body came to no end: its writer failed, or its reader went away.
        case broken
    }

    package struct Answer: Sendable {
        package let status: Status
        package let headers: Headers
        /// The body's length in bytes, where that was known beforehand.
        let length: Int?
        package var body = RecordedBody()
    }

    /// From 1, in the order in which the requests came.
    package let number: Int
    /// The log's revision of the last change.
    package var revision: Int
    /// Milliseconds since 1970.
    package let start: Int
    package var end: Int?
    package var state = State.waiting

    package let method: Method
    package let path: String
    package let query: String?
    package let headers: Headers
    package var body = RecordedBody()
    package var answer: Answer?
}

/// The beginning of a body, and how much there was of it.
package struct RecordedBody: Sendable {
    /// How many bytes are kept.
    package static let limit = 4096

    package private(set) var bytes: [UInt8] = []
    /// How many bytes there were until now.
    package private(set) var size = 0

    package mutating func append(_ chunk: [UInt8]) {
        size += chunk.count
        bytes += chunk.prefix(Self.limit - bytes.count)
    }
}
