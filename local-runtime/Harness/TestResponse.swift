import FoundationEssentials
public import FunctionCore
package import FunctionEventLoop
public import FunctionHTTP

/// The response to a request of a ``TestClient``.
public struct TestResponse: Sendable {
    public let status: Status
    public let headers: Headers
    /// The content, as it comes.
    public let body: TestBody

    package init(_ response: IncomingResponse, timeout: Duration, of runtime: LocalRuntime) {
        status = response.status
        headers = response.headers
        body = TestBody(next: response.next, timeout: timeout, runtime: runtime)
    }
}

/// A response before it is bound to a client: the head, and the content piece by piece, nil at its end.
package struct IncomingResponse: Sendable {
    package let status: Status
    package let headers: Headers
    package let next: @Sendable (_ deadline: Instant) async throws(ClientError) -> [UInt8]?
}

/// A response's content, piece by piece or as a whole. It can be read once; later reads return the rest. Reading throws
/// ``ClientError/connectionLost`` if the content breaks off.
public struct TestBody: AsyncSequence, Sendable {
    package let next: @Sendable (_ deadline: Instant) async throws(ClientError) -> [UInt8]?
    package let timeout: Duration
    /// Kept running while the body is read.
    let runtime: LocalRuntime

    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let body: TestBody

        public func next() async throws(ClientError) -> [UInt8]? {
            try await body.next(.now + Interval(body.timeout))
        }
    }

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(body: self)
    }

    /// The rest of the content.
    public func bytes() async throws(ClientError) -> [UInt8] {
        var bytes: [UInt8] = []
        let pieces = makeAsyncIterator()
        while let piece = try await pieces.next() { bytes += piece }
        return bytes
    }

    /// The rest of the content, as UTF-8.
    public func text() async throws(ClientError) -> String {
        String(decoding: try await bytes(), as: UTF8.self)
    }
}

extension TestBody {
    /// The content as server-sent events, each as it comes.
    public var events: Events {
        Events(pieces: makeAsyncIterator())
    }

    public struct Events: AsyncSequence, AsyncIteratorProtocol {
        fileprivate let pieces: TestBody.AsyncIterator
        fileprivate var parser = ServerSentEventParser()
        fileprivate var parsed: ArraySlice<ServerSentEvent> = []

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

extension TestBody {
    /// The rest of the content, decoded from JSON.
    public func json<Value: Decodable>(_ type: Value.Type = Value.self) async throws -> Value {
        try JSONDecoder().decode(type, from: Data(try await bytes()))
    }
}
