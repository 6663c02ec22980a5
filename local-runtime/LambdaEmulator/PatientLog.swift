package import FunctionEventLoop
import Glibc
package import LocalRuntimeConsole

/// Where the emulator's lines go and those of its functions: a descriptor whose reader may stop, a pager for one, without
/// stopping the loop, on whose thread it lives. What there is no room for waits, in order.
package final class PatientLog: @unchecked Sendable {
    // Unchecked: it is touched on its loop's thread alone.
    private let descriptor: Int32
    private let loop: EventLoop
    private var backlog: [UInt8] = []
    private var dropped = 0
    private var timer: Timer?

    /// How much waits at most; of what goes beyond, only how much it was is said.
    private static let limit = 1 << 20
    /// From when on functions have to wait.
    private static let room = 256 * 1024
    private static let pause = Interval.milliseconds(20)

    package init(descriptor: Int32, on loop: EventLoop) {
        self.descriptor = descriptor
        self.loop = loop
    }

    /// Whether more may come.
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

    /// Returns when nothing waits any more, or after `limit`.
    package func flush(within limit: Interval) async {
        let end = Instant.now + limit
        while !backlog.isEmpty, Instant.now < end { await loop.sleep(until: .now + Self.pause) }
    }

    /// Writes what there is room for. The descriptor's own flags stay as they are, for a shell may have it too; but a pipe
    /// that poll(2) calls writable takes 4096 bytes without blocking.
    private func drain() {
        var written = 0
        while written < backlog.count, isWritable {
            let end = min(written + 4096, backlog.count)
            let count = backlog[written..<end].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            // Its reader has gone: what is written is lost without an error.
            guard count > 0 else { written = backlog.count; break }
            written += count
        }
        backlog.removeFirst(written)
        if backlog.isEmpty, dropped > 0 {
            backlog = Array("(\(dropped) bytes of the log were dropped, as nobody took them)\n".utf8)
            dropped = 0
        }
        guard !backlog.isEmpty else { return }
        if timer == nil { timer = Timer(on: loop) { [unowned self] in drain() } }
        timer?.deadline = .now + Self.pause
    }

    private var isWritable: Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // An error is for write(2) to tell.
        return Glibc.poll(&poll, 1, 0) == 1 && poll.revents & Int16(POLLOUT | POLLERR | POLLHUP | POLLNVAL) != 0
    }
}
