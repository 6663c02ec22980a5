import CFunctionLinux
import Glibc

/// A connected, nonblocking stream socket that its loop watches.
///
/// It is registered with epoll once, edge-triggered, so that waiting needs no further system call. Lives on its loop's
/// thread.
public final class Socket: Pollable, @unchecked Sendable {
    // Unchecked, so that the loop's actors can hold it: only the loop's thread touches it. Debug builds check that when it
    // reads, writes or closes.

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

    /// Takes ownership of `descriptor`, which must be nonblocking; closes it if this throws.
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

    /// Transforms the bytes, for TLS; nil if they are passed unchanged.
    package var filter: (any SocketFilter)?

    public var isClosed: Bool { slot == nil }

    /// Reads what is available, at most `buffer`'s size. Nil if that would block; 0 at the end.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        assert(loop.isCurrent)
        guard !isClosed else { return 0 }
        if let filter { return try filter.read(into: buffer) }
        return try readUnfiltered(into: buffer)
    }

    /// As ``read(into:)``, but bypasses the filter.
    package func readUnfiltered(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        // The kernel reports every change, so a read before that would be a wasted system call.
        guard input.isReady else { return nil }
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 {
                // A short read means that the kernel's buffer is empty (epoll(7), question 9), which saves the read that
                // would return EAGAIN. At the end there is nothing to wait for.
                if count > 0 && count < buffer.count && !isAtEnd { input.exhaust() }
                return count
            }
            if errno == EINTR { continue }
            guard errno == EAGAIN else { throw SystemError("read") }
            input.exhaust()
            return nil
        }
    }

    /// Writes what fits and returns how many bytes that is. Nil if it would block.
    public func write(_ buffer: UnsafeRawBufferPointer) throws(SystemError) -> Int? {
        assert(loop.isCurrent)
        guard !isClosed else { throw SystemError("write", EPIPE) }
        if let filter { return try filter.write(buffer) }
        return try writeUnfiltered(buffer)
    }

    /// As ``write(_:)``, but bypasses the filter.
    package func writeUnfiltered(_ buffer: UnsafeRawBufferPointer) throws(SystemError) -> Int? {
        while true {
            let count = send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return count }
            if errno == EINTR { continue }
            guard errno == EAGAIN else {
                let error = SystemError("write")
                // Bytes that the peer sent before it closed can still be read, even if the kernel has not reported them.
                assumeInput()
                throw error
            }
            output.exhaust()
            return nil
        }
    }

    /// Writes what fits and returns how many bytes that is. Nil if it would block.
    public func write(_ bytes: borrowing Span<UInt8>) throws(SystemError) -> Int? {
        try bytes.withUnsafeBytes { buffer throws(SystemError) in try write(buffer) }
    }

    /// Waits until ``read(into:)`` would not block. One caller at a time.
    public func readable(until deadline: Instant? = nil) async -> Wake {
        await input.wait(until: deadline)
    }

    /// Waits until ``write(_:)`` would not block. One caller at a time.
    public func writable(until deadline: Instant? = nil) async -> Wake {
        await output.wait(until: deadline)
    }

    /// Ends a current wait in ``writable(until:)``.
    public func interruptOutput() {
        output.wake(.interrupted)
    }

    /// Ends current waits.
    public func interrupt() {
        input.wake(.interrupted)
        output.wake(.interrupted)
    }

    /// Closes the sending side. The peer's bytes can still be read.
    public func shutdownOutput() {
        guard !isClosed else { return }
        filter?.endOutput()
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Closes the socket and ends current waits.
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

    /// Whether closing resets the connection instead of ending it (SO_LINGER of 0, socket(7)), both in ``close()`` and when
    /// the process exits. For peers that would take a normal end as the end of the content.
    public var isResetByClosing = false {
        didSet {
            guard !isClosed else { return }
            var option = linger(l_onoff: isResetByClosing ? 1 : 0, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
    }

    /// Makes the next read ask the kernel even if that has reported nothing.
    func assumeInput() {
        input.becomeReady()
    }

    /// Whether the peer has closed its side, or the connection is broken.
    public private(set) var isAtEnd = false

    /// Whether a wait in ``writable(until:)`` also ends, as interrupted, once something can be read.
    public var inputEndsWaitForRoom = false

    /// Called once, on the loop, when ``isAtEnd`` becomes true; never after ``close()``.
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

    /// Whether the connection is open and no bytes have come. Asks the kernel, which may know more than it has reported.
    public var isQuiet: Bool {
        assert(loop.isCurrent)
        guard !isClosed, !isAtEnd else { return false }
        if let filter {
            // The received bytes may be for the filter itself, such as TLS session tickets.
            assumeInput()
            return filter.isQuiet
        }
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
        return count < 0 && errno == EAGAIN
    }
}

/// Transforms a socket's bytes between the caller and the kernel: encryption.
///
/// It reads and writes through ``Socket/readUnfiltered(into:)`` and ``Socket/writeUnfiltered(_:)``. It lives on the
/// socket's loop, for as long as the socket is open.
package protocol SocketFilter: AnyObject {
    /// As ``Socket/read(into:)``; may return nil only if the socket itself would block.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int?

    /// As ``Socket/write(_:)``; may return nil only if the socket itself would block.
    func write(_ buffer: UnsafeRawBufferPointer) throws(SystemError) -> Int?

    /// Writes bytes held back while the kernel's buffer was full. Returns true if none are left, or if they can no longer
    /// be written.
    func flush() -> Bool

    /// Whether a read would block.
    var isQuiet: Bool { get }

    /// Tells the peer that no more bytes will come.
    func endOutput()
}
