package import FunctionEventLoop
import Glibc
package import LocalRuntimeConsole

/// Writes the lines of the emulator and its functions to a descriptor without blocking the loop, even if the reader stops,
/// as a pager does. What does not fit waits in order. Lives on the loop's thread.
package final class BufferedLog: @unchecked Sendable {
    // Unchecked: it is touched on its loop's thread alone.
    private let descriptor: Int32
    private let loop: EventLoop
    private var backlog: [UInt8] = []
    private var dropped = 0
    private var timer: Timer?

    /// The most bytes that wait. More are dropped, and the log says how many.
    private static let limit = 1 << 20
    /// While this many bytes wait, functions have to wait as well.
    private static let room = 256 * 1024
    private static let pause = Interval.milliseconds(20)

    package init(descriptor: Int32, on loop: EventLoop) {
        self.descriptor = descriptor
        self.loop = loop
    }

    /// Whether functions may write more.
    package var hasRoom: Bool { backlog.count < Self.room }

    package var output: Output {
        Output(writeBytes: { bytes in
            self.write(bytes)
            return 0
        })
    }

    private func write(_ bytes: [UInt8]) {
        if backlog.count + bytes.count > Self.limit {
            dropped += bytes.count
            return
        }
        backlog += bytes
        drain()
    }

    /// Returns when everything is written, or after `limit`.
    package func flush(within limit: Interval) async {
        let end = Instant.now + limit
        while !backlog.isEmpty, Instant.now < end { await loop.sleep(until: .now + Self.pause) }
    }

    /// Writes what the descriptor has room for. It cannot be made non-blocking, because a shell may share it; but a pipe
    /// that poll(2) reports as writable takes 4096 bytes without blocking.
    private func drain() {
        var written = 0
        while written < backlog.count, isWritable {
            let end = min(written + 4096, backlog.count)
            let count = backlog[written..<end].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            // The reader is gone, so discard everything without an error.
            guard count > 0 else { written = backlog.count; break }
            written += count
        }
        backlog.removeFirst(written)
        if backlog.isEmpty, dropped > 0 {
            backlog = Array("(\(dropped) bytes of the log were dropped because nobody read them)\n".utf8)
            dropped = 0
        }
        guard !backlog.isEmpty else { return }
        if timer == nil { timer = Timer(on: loop) { [unowned self] in drain() } }
        timer?.deadline = .now + Self.pause
    }

    private var isWritable: Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // On an error, write(2) reports it.
        return Glibc.poll(&poll, 1, 0) == 1 && poll.revents & Int16(POLLOUT | POLLERR | POLLHUP | POLLNVAL) != 0
    }
}
