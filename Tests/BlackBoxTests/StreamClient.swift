import FunctionEventLoop
import Support

/// A client that opens streams on one connection.
actor StreamClient {
    private let port: UInt16
    private var socket: Socket?
    private var received: [UInt8] = []
    private var isAtEnd = false
    private var isReset = false
    private var last: [UInt8] = []

    private nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// A client that reads much should have its own loop, so that it does not delay other tests.
    init(port: UInt16, on loop: EventLoop = testLoop) {
        self.port = port
        self.loop = loop
    }

    /// Sends `text` and reads the response, to its end or the connection's. Keeps the connection if the server does.
    func ask(_ text: String, within limit: Interval = .seconds(60)) async throws -> ReceivedResponse {
        do {
            try await send(text)
            let response = try await response(within: limit)
            if isAtEnd || response.field("connection") == "close" { close() }
            return response
        } catch {
            close()
            throw error
        }
    }

    func send(_ text: String) async throws {
        let socket = try await connection()
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            if let count = try rest.withUnsafeBytes({ try socket.write($0) }) {
                rest = rest.dropFirst(count)
            } else {
                _ = await socket.writable(until: .now + .seconds(10))
            }
        }
    }

    /// Reads the next response, to its end or the connection's.
    func response(within limit: Interval = .seconds(60)) async throws -> ReceivedResponse {
        let end = Instant.now + limit
        while true {
            if let (response, count) = ReceivedResponseParser.read(received, isAtEnd: isAtEnd, isReset: isReset),
                response.isWhole || isAtEnd
            {
                received.removeFirst(count)
                return response
            }
            guard !isAtEnd else { throw Client.Failure.noResponse }
            try await receive(until: end)
        }
    }

    /// Waits until the received bytes contain `text`.
    func receive(through text: String, within limit: Interval = .seconds(60)) async throws {
        let end = Instant.now + limit
        while !received.contains(Array(text.utf8)) {
            guard !isAtEnd else { throw Client.Failure.cutOff(String(decoding: received, as: UTF8.self)) }
            try await receive(until: end)
        }
    }

    /// Reads and discards `count` bytes, or all before the end. Returns how many there were.
    func skip(_ count: Int, within limit: Interval = .seconds(60)) async throws -> Int {
        let end = Instant.now + limit
        var skipped = 0
        while skipped < count, !isAtEnd {
            if received.isEmpty { try await receive(until: end) }
            let part = min(received.count, count - skipped)
            last = (last + received.prefix(part)).suffix(16)
            received.removeFirst(part)
            skipped += part
        }
        return skipped
    }

    /// What was received and not taken yet.
    var text: String { String(decoding: received, as: UTF8.self) }

    /// The last bytes that were skipped.
    var tail: String { String(decoding: last, as: UTF8.self) }

    isolated deinit {
        socket?.close()
    }

    func close() {
        socket?.close()
        socket = nil
        received = []
        isAtEnd = false
        isReset = false
    }

    private func connection() async throws -> Socket {
        if let socket { return socket }
        let made = try await Socket.connect(to: .loopback(port), on: loop, until: .now + .seconds(10))
        socket = made
        return made
    }

    /// Reads the next bytes.
    private func receive(until end: Instant) async throws {
        while let socket, !socket.isClosed {
            do {
                if let count = try socket.read(into: loop.scratch) {
                    received += loop.scratch[..<count]
                    isAtEnd = count == 0
                    return
                }
            } catch {
                // A reset ends the connection too.
                isAtEnd = true
                isReset = true
                return
            }
            guard await socket.readable(until: end) != .timedOut else {
                throw Client.Failure.late(String(decoding: received.suffix(1000), as: UTF8.self))
            }
        }
        isAtEnd = true
    }
}
