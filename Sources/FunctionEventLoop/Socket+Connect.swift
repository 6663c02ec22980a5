import CFunctionLinux
import Glibc

extension Socket {
    /// Connects to `address` by `deadline`.
    public static func connect(
        to address: SocketAddress,
        on loop: EventLoop,
        until deadline: Instant
    ) async throws(SystemError) -> Socket {
        let socket = try beginConnecting(to: address, on: loop)
        try await socket.finishConnecting(until: deadline)
        return socket
    }

    /// Begins to connect to `address`. Until ``finishConnecting(until:)`` returns, the only permitted use of the socket is
    /// to end that wait. `receiveBuffer` limits the kernel's receive buffer, in bytes; without it the kernel lets it grow
    /// to megabytes.
    public static func beginConnecting(
        to address: SocketAddress,
        on loop: EventLoop,
        receiveBuffer: Int? = nil
    ) throws(SystemError) -> Socket {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = Glibc.socket(address.family, type, 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        setNoDelay(descriptor, address.family)
        if let receiveBuffer {
            var size = Int32(clamping: receiveBuffer)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        // Connect before watching: epoll reports a socket as ready that has not begun to connect.
        let result = address.withPointer { Glibc.connect(descriptor, $0, $1) }
        let code = result == 0 ? 0 : errno
        guard code == 0 || code == EINPROGRESS else {
            Glibc.close(descriptor)
            // EAGAIN comes from a unix socket whose queue is full: the server does not accept connections.
            throw SystemError("connect", code)
        }
        return try Socket(descriptor, on: loop)
    }

    /// Waits for the connection until `deadline`. Closes the socket before it throws; ECANCELED means that ``interrupt()``
    /// or ``close()`` ended the wait.
    public func finishConnecting(until deadline: Instant) async throws(SystemError) {
        let wake = await writable(until: deadline)
        guard wake == .ready else {
            close()
            throw SystemError("connect", wake == .timedOut ? ETIMEDOUT : ECANCELED)
        }
        // The socket may have been closed since the wait ended, and its descriptor reused.
        guard !isClosed else { throw SystemError("connect", ECANCELED) }
        let failure = Self.pendingError(descriptor)
        guard failure == 0 else {
            close()
            throw SystemError("connect", failure)
        }
    }

    /// Sends small writes at once: callers here already combine what belongs together.
    static func setNoDelay(_ descriptor: Int32, _ family: Int32) {
        guard family != AF_UNIX else { return }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Limits the bytes that the kernel holds unsent, so that a slow reader slows the writer down instead of filling
    /// memory. Accepted connections inherit it from their listener.
    static func limitUnsent(_ descriptor: Int32, _ family: Int32) {
        guard family != AF_UNIX else { return }
        var limit: Int32 = 16 * 1024
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, &limit, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Limits the bytes that the kernel holds unsent, as for accepted connections.
    public func limitUnsent() {
        // Fails on a unix socket, which is harmless.
        Self.limitUnsent(descriptor, AF_INET)
    }

    private static func pendingError(_ descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else { return errno }
        return code
    }
}
