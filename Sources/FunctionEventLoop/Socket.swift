import CFunctionLinux
import Glibc

/// A connected stream socket that does not block, watched by its loop.
///
/// It is registered once, edge-triggered: no system call changes what is waited for. Lives on its loop's thread.
public final class Socket: Pollable, @unchecked Sendable {
    // Unchecked, so that the actors of the loop can have it: it is touched on the loop's thread alone, which debug
    // builds check where it reads, writes and closes.

    let descriptor: Int32
    public unowned let loop: EventLoop
    private var slot: Int?
    private let input: Readiness
    private let output: Readiness

    /// How a wait for readiness ended.
    public enum Wake: Hashable, Sendable {
        case ready
        case timedOut
        /// ``Socket/interrupt()`` or ``Socket/close()`` was called.
        case interrupted
    }

    /// Takes over `descriptor`, which must not block.
    init(_ descriptor: Int32, on loop: EventLoop) throws(SystemError) {
        self.descriptor = descriptor
        self.loop = loop
        input = Readiness(on: loop)
        output = Readiness(on: loop)
        let events = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        do throws(SystemError) {
            slot = try loop.poller.add(descriptor, events: events, self)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// What the bytes go through; nil where they are passed on as they are.
    package var filter: (any SocketFilter)?

    /// Whether ``close()`` was called.
    public var isClosed: Bool { slot == nil }

    /// Reads what there is, at most `buffer`'s size. Nil where that would block; 0 at the end.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        assert(loop.isCurrent)
        guard !isClosed else { return 0 }
        if let filter { return try filter.read(into: buffer) }
        return try readUnfiltered(into: buffer)
    }

    /// As ``read(into:)``, past the filter.
    package func readUnfiltered(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        // The kernel tells of every change: to ask it before that would be a system call for nothing.
        guard input.isReady else { return nil }
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 {
                // Less than asked for means that the buffer in the kernel is empty (epoll(7), question 9): saves the
                // read that would only say so. At the end there is nothing to wait for.
                if count > 0 && count < buffer.count && !isAtEnd { input.exhaust() }
                return count
            }
            if errno == EINTR { continue }
            guard errno == EAGAIN else { throw SystemError("read") }
            input.exhaust()
            return nil
        }
    }

    /// Writes what fits. Nil where that would block.
    public func write(_ buffer: UnsafeRawBufferPointer) throws(SystemError) -> Int? {
        assert(loop.isCurrent)
        guard !isClosed else { throw SystemError("write", EPIPE) }
        if let filter { return try filter.write(buffer) }
        return try writeUnfiltered(buffer)
    }

    /// As ``write(_:)``, past the filter.
    package func writeUnfiltered(_ buffer: UnsafeRawBufferPointer) throws(SystemError) -> Int? {
        while true {
            let count = send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return count }
            if errno == EINTR { continue }
            guard errno == EAGAIN else {
                let error = SystemError("write")
                // What the peer said before it hung up can be read, though the kernel has not announced it yet.
                assumeInput()
                throw error
            }
            output.exhaust()
            return nil
        }
    }

    /// Writes what fits. Nil where that would block.
    public func write(_ bytes: borrowing Span<UInt8>) throws(SystemError) -> Int? {
        try bytes.withUnsafeBytes { buffer throws(SystemError) in try write(buffer) }
    }

    /// Waits until ``read(into:)`` would tell something. One caller at a time.
    public func readable(until deadline: Instant? = nil) async -> Wake {
        await input.wait(until: deadline)
    }

    /// Waits until ``write(_:)`` would take something. One caller at a time.
    public func writable(until deadline: Instant? = nil) async -> Wake {
        await output.wait(until: deadline)
    }

    /// Ends the wait for ``writable(until:)`` under way.
    public func interruptOutput() {
        output.wake(.interrupted)
    }

    /// Ends the waits under way.
    public func interrupt() {
        input.wake(.interrupted)
        output.wake(.interrupted)
    }

    /// Tells the peer that nothing more is written; what it sends can still be read.
    public func shutdownOutput() {
        guard !isClosed else { return }
        filter?.endOutput()
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Closes the socket and ends the waits under way.
    public func close() {
        assert(loop.isCurrent)
        guard let slot else { return }
        filter?.endOutput()
        filter = nil
        self.slot = nil
        loop.poller.remove(slot: slot)
        Glibc.close(descriptor)
        input.end()
        output.end()
        whenEnded = nil
    }

    /// Whether the connection is reset, not ended, when the socket is closed (SO_LINGER of 0, socket(7)): by ``close()``, or
    /// by the kernel when the process is gone. For a peer to whom the connection's end means that all was sent.
    public var isResetByClosing = false {
        didSet {
            guard !isClosed else { return }
            var option = linger(l_onoff: isResetByClosing ? 1 : 0, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
    }

    /// Has the next read ask the kernel, whatever it has announced.
    func assumeInput() {
        input.becomeReady()
    }

    /// Whether the peer has closed its side, or the connection is broken.
    public private(set) var isAtEnd = false

    /// Whether a wait for room ends, as interrupted, also when something can be read.
    public var inputEndsWaitForRoom = false

    /// Called once, on the loop, when ``isAtEnd`` becomes true; not if the socket is closed before.
    public var whenEnded: (() -> Void)?

    func becameReady(_ events: UInt32) {
        let broken = EPOLLERR.rawValue | EPOLLHUP.rawValue
        let ended = broken | EPOLLRDHUP.rawValue
        if events & (EPOLLIN.rawValue | ended) != 0 {
            input.becomeReady()
            if inputEndsWaitForRoom { output.wake(.interrupted) }
        }
        if events & (EPOLLOUT.rawValue | broken) != 0, filter?.flush() ?? true {
            output.becomeReady()
        }
        if events & ended != 0, !isAtEnd {
            isAtEnd = true
            whenEnded.take()?()
        }
    }

    /// Whether the connection stands and nothing has come: asks the kernel, which may know more than it has announced.
    public var isQuiet: Bool {
        assert(loop.isCurrent)
        guard !isClosed, !isAtEnd else { return false }
        if let filter {
            // What has come may be the filter's own, such as the session tickets of TLS.
            assumeInput()
            return filter.isQuiet
        }
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
        return count < 0 && errno == EAGAIN
    }
}

/// What a socket's bytes go through on their way from and to the kernel: encryption.
///
/// It reads and writes by the socket's ``Socket/readUnfiltered(into:)`` and ``Socket/writeUnfiltered(_:)``. Lives on the
/// socket's loop, and as long as its socket is open.
package protocol SocketFilter: AnyObject {
    /// As ``Socket/read(into:)``; to say that it would block it must have heard so from the socket.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int?

    /// As ``Socket/write(_:)``; to say that it would block it must have heard so from the socket.
    func write(_ buffer: UnsafeRawBufferPointer) throws(SystemError) -> Int?

    /// Writes what it holds back since the kernel's buffer was full; answers whether nothing is left of that, or can be
    /// written any more.
    func flush() -> Bool

    /// Whether a read would block.
    var isQuiet: Bool { get }

    /// Tells the peer that nothing more is written.
    func endOutput()
}
