import FunctionEventLoop
import Support

/// A client with one keep-alive connection, which it replaces when the server closes it.
actor Client {
    /// Why a request got no response.
    enum Failure: Error, Equatable {
        case noResponse
        /// The server closed a connection that had served a request before, without a response. Between requests it may
        /// (RFC 9112, section 9.5).
        case closedBetweenRequests
        case cutOff(String)
        case late(String)
    }

    private let port: UInt16
    private var socket: Socket?
    private var served = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { testLoop.asUnownedSerialExecutor() }

    init(port: UInt16) {
        self.port = port
    }

    /// Requests a token, or `path`, and waits for the whole response.
    func ask(
        _ path: String = "/api/v1/token",
        key: String? = nil,
        fields: String = "",
        within limit: Interval = .seconds(60)
    ) async throws -> ReceivedResponse {
        let end = Instant.now + limit
        let socket = try await connection(until: end)
        let authorization = key.map { "authorization: Bearer \($0)\r\n" } ?? ""
        let request = Array("GET \(path) HTTP/1.1\r\nhost: test\r\n\(authorization)\(fields)\r\n".utf8)
        do {
            // Such a short request always fits into an empty socket buffer.
            _ = try request.withUnsafeBytes { try socket.write($0) }
        } catch {
            close()
            throw served > 0 ? Failure.closedBetweenRequests : Failure.noResponse
        }
        return try await receive(socket, until: end)
    }

    isolated deinit {
        socket?.close()
    }

    func close() {
        socket?.close()
        socket = nil
    }

    private func connection(until end: Instant) async throws -> Socket {
        if let socket { return socket }
        let made = try await Socket.connect(to: .loopback(port), on: testLoop, until: end)
        socket = made
        served = 0
        return made
    }

    private func receive(_ socket: Socket, until end: Instant) async throws -> ReceivedResponse {
        var bytes: [UInt8] = []
        while true {
            if let (response, _) = ReceivedResponseParser.read(bytes, isAtEnd: false), response.isWhole {
                served += 1
                if response.field("connection") == "close" { close() }
                return response
            }
            var count: Int?
            do { count = try socket.read(into: testLoop.scratch) } catch { count = 0 }
            guard let count else {
                guard await socket.readable(until: end) != .timedOut else {
                    close()
                    throw Failure.late(String(decoding: bytes, as: UTF8.self))
                }
                continue
            }
            bytes += testLoop.scratch[..<count]
            guard count > 0 else {
                close()
                guard bytes.isEmpty else { throw Failure.cutOff(String(decoding: bytes, as: UTF8.self)) }
                throw served > 0 ? Failure.closedBetweenRequests : Failure.noResponse
            }
        }
    }
}
