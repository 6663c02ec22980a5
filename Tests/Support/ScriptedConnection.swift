import FunctionEventLoop
import Glibc

/// One connection of a ``ScriptedServer``.
struct ScriptedConnection {
    private let descriptor: Int32
    /// Bytes received behind the last request.
    private var unread: [UInt8] = []

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Plays a step; false if the script cannot go on.
    mutating func play(_ step: ScriptedServer.Step, _ state: Lock<ScriptedServer.State>) -> Bool {
        switch step {
        case .request:
            guard let request = readRequest() else { return false }
            state.withLock { $0.requests.append(request) }
            return true
        case .head:
            while unread.firstRange(of: Array("\r\n\r\n".utf8)) == nil {
                guard receive() else { return false }
            }
            return true
        case .send(let bytes): return send(bytes[...], state)
        case .bytewise(let text): return text.utf8.allSatisfy { send([$0], state) }
        case .pause(let gate): return gate.waitBlocking()
        case .wait(let milliseconds):
            usleep(UInt32(milliseconds) * 1000)
            return true
        case .open(let gate):
            gate.open()
            return true
        case .untilClosed(let gate):
            while receive() {}
            gate.open()
            return true
        case .reset:
            var now = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
            return false
        }
    }

    private mutating func readRequest() -> String? {
        let end = Array("\r\n\r\n".utf8)
        var headEnd: Int?
        while headEnd == nil {
            headEnd = unread.firstRange(of: end)?.upperBound
            if headEnd == nil, !receive() { return nil }
        }
        let head = String(decoding: unread.prefix(headEnd ?? 0), as: UTF8.self)
        if head.lowercased().contains("transfer-encoding: chunked") { return readChunked(from: headEnd ?? 0) }
        let length = head.firstMatch(of: /content-length: (\d+)/.ignoresCase()).flatMap { Int($0.1) } ?? 0
        let count = (headEnd ?? 0) + length
        while unread.count < count {
            guard receive() else { return nil }
        }
        defer { unread.removeFirst(count) }
        return String(decoding: unread[..<count], as: UTF8.self)
    }

    /// Reads up to the last chunk and the trailers behind it. No test's content looks like them.
    private mutating func readChunked(from headEnd: Int) -> String? {
        var searched = headEnd - 2
        while true {
            if let last = unread[searched...].firstRange(of: Array("\r\n0\r\n".utf8)),
                let end = unread[(last.upperBound - 2)...].firstRange(of: Array("\r\n\r\n".utf8))?.upperBound
            {
                defer { unread.removeFirst(end) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            // Everything before the trailers is content; trailers come together with the last chunk, or are short.
            searched = max(searched, unread.count - 1024)
            guard receive() else { return nil }
        }
    }

    private mutating func receive() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 { unread += buffer[..<count] }
        return count > 0
    }

    private func send(_ bytes: ArraySlice<UInt8>, _ state: Lock<ScriptedServer.State>) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, min($0.count, 65_536), Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            if count > 0 {
                rest = rest.dropFirst(count)
                state.withLock { $0.sent += count }
                continue
            }
            guard errno == EAGAIN else { return false }
            state.withLock { $0.isBlocked = true }
            var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            let ready = poll(&room, 1, 30_000)
            state.withLock { $0.isBlocked = false }
            guard ready > 0 else { return false }
        }
        return true
    }
}
