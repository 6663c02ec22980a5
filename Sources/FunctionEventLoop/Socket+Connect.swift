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

    /// Begins to connect to `address`: nothing is to be done with the socket before ``finishConnecting(until:)``, but for
    /// ending the wait in there. `receiveBuffer` bounds what the kernel keeps of what the peer has sent, in bytes; nil
    /// lets it grow to megabytes.
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
        // Before it is watched: a socket that is not connected yet would be told to be ready.
        let result = address.withPointer { Glibc.connect(descriptor, $0, $1) }
        let code = result == 0 ? 0 : errno
        guard code == 0 || code == EINPROGRESS else {
            Glibc.close(descriptor)
            // A unix socket whose queue is full says EAGAIN: to its caller that is a server that does not answer.
            throw SystemError("connect", code)
        }
        return try Socket(descriptor, on: loop)
    }

    /// Waits for the connection until `deadline`. What it throws has closed the socket; ECANCELED stands for a wait that
    /// was ended by ``interrupt()`` or ``close()``.
    public func finishConnecting(until deadline: Instant) async throws(SystemError) {
        let wake = await writable(until: deadline)
        guard wake == .ready else {
            close()
            throw SystemError("connect", wake == .timedOut ? ETIMEDOUT : ECANCELED)
        }
        // The wait may have ended before somebody closed the socket: its descriptor may be another's by now.
        guard !isClosed else { throw SystemError("connect", ECANCELED) }
        let failure = Self.pendingError(descriptor)
        guard failure == 0 else {
            close()
            throw SystemError("connect", failure)
        }
    }

    /// Small writes leave at once: whoever writes here has put together what belongs together.
    static func setNoDelay(_ descriptor: Int32, _ family: Int32) {
        guard family != AF_UNIX else { return }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Of what was written, the kernel keeps no more than this waiting to be sent: a slow reader slows the writer instead
    /// of filling memory. Connections that are accepted have it from their listener.
    static func limitUnsent(_ descriptor: Int32, _ family: Int32) {
        guard family != AF_UNIX else { return }
        var most: Int32 = 16 * 1024
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, &most, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Has the kernel keep little of what was written waiting to be sent, as connections that are accepted have it.
    public func limitUnsent() {
        // On a unix socket the call fails, which changes nothing.
        Self.limitUnsent(descriptor, AF_INET)
    }

    private static func pendingError(_ descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else { return errno }
        return code
    }
}
