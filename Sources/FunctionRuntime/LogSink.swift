import FunctionCore
import FunctionEventLoop
import Glibc

/// Writes log lines to a file descriptor, and never blocks a loop.
///
/// While a pipe is full because nobody reads it, up to 256 KiB of lines wait. Further lines are dropped and counted,
/// and the count is logged once there is room again.
public final class LogSink: Sendable {
    private let descriptor: Int32
    /// Converts lines before they are written; nil writes them as they are.
    private let form: (@Sendable ([UInt8]) -> [UInt8])?
    private let backlog = Lock(Backlog())
    private static let backlogLimit = 256 * 1024

    private struct Backlog {
        var bytes: [UInt8] = []
        /// Dropped lines that are not in a logged count yet.
        var droppedLines = 0
        var droppedTotal = 0
    }

    /// Descriptor 2 is standard error, from which container platforms take logs.
    public convenience init(descriptor: Int32 = 2) {
        self.init(descriptor: descriptor, form: nil)
    }

    /// `form` converts whole lines of JSON to the text that is written instead.
    package init(descriptor: Int32 = 2, form: (@Sendable ([UInt8]) -> [UInt8])?) {
        self.descriptor = descriptor
        self.form = form
    }

    /// Takes whole lines. From any thread.
    package func write(_ lines: [UInt8]) {
        let lines = form?(lines) ?? lines
        backlog.withLock { backlog in
            if backlog.bytes.count + lines.count > Self.backlogLimit {
                drain(&backlog)
                guard backlog.bytes.count + lines.count <= Self.backlogLimit else {
                    let count = lines.count { $0 == UInt8(ascii: "\n") }
                    backlog.droppedLines += count
                    backlog.droppedTotal += count
                    return
                }
            }
            if backlog.droppedLines > 0 && backlog.bytes.isEmpty {
                backlog.bytes += Self.dropped(backlog.droppedLines)
                backlog.droppedLines = 0
            }
            backlog.bytes += lines
            drain(&backlog)
        }
    }

    /// The number of lines dropped so far. From any thread.
    var droppedLines: Int { backlog.withLock { $0.droppedTotal } }

    /// Writes a line at once, for callers that are not on a loop. From any thread.
    func say(_ level: LogLevel, _ message: String, _ members: (inout JSONWriter) -> Void) {
        write(Self.line(level, message, members))
    }

    /// Writes as much as there is room for. O_NONBLOCK is not set: the flag is shared with every process that has the
    /// descriptor open, such as a shell. A pipe that poll(2) reports writable takes 4096 bytes without blocking.
    private func drain(_ backlog: inout Backlog) {
        var written = 0
        while written < backlog.bytes.count, isWritable {
            let end = min(written + 4096, backlog.bytes.count)
            let count = backlog.bytes[written..<end].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            written += count
        }
        backlog.bytes.removeFirst(written)
    }

    private var isWritable: Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return Glibc.poll(&poll, 1, 0) == 1 && poll.revents & Int16(POLLOUT) != 0
    }

    private static func dropped(_ count: Int) -> [UInt8] {
        line(.warning, "log lines dropped") { $0.member("count", count) }
    }

    private static func line(_ level: LogLevel, _ message: String, _ members: (inout JSONWriter) -> Void) -> [UInt8] {
        var time = LogTime()
        var json = JSONWriter()
        json.object {
            $0.member("time", time.now())
            $0.member("level", level.rawValue)
            $0.member("message", message)
            members(&$0)
        }
        return json.finish() + [UInt8(ascii: "\n")]
    }
}
