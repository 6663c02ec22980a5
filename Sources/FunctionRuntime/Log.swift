public import EventLoop
public import Function

/// One loop's log: JSON lines, those of a turn in one write.
///
/// Lives on its loop's thread.
public final class Log: @unchecked Sendable {
    // Unchecked: everything here is touched on the loop's thread alone, but for `sink`, which has a lock.

    private unowned let loop: EventLoop
    private let sink: LogSink
    private var pending: [UInt8] = []
    private var time = LogTime()
    public let level: LogLevel
    public let audit: Audit

    public init(on loop: EventLoop, level: LogLevel, audit: Audit = .off, sink: LogSink) {
        self.loop = loop
        self.level = level
        self.audit = audit
        self.sink = sink
    }

    /// Writes a line if its level is logged; `members` adds to time, level and message. No secret may be in it.
    public func write(
        _ level: LogLevel,
        _ message: String,
        _ members: (inout JSONWriter) -> Void = { _ in }
    ) {
        if level >= self.level { append(level, message, members) }
    }

    func append(_ level: LogLevel, _ message: String, _ members: (inout JSONWriter) -> Void) {
        if pending.isEmpty { loop.atEndOfTurn { self.flush() } }
        // Handed over and taken back, so that the line is written where it belongs and not copied there.
        var json = JSONWriter(after: pending)
        pending = []
        json.object {
            $0.member("time", time.now())
            $0.member("level", level.rawValue)
            $0.member("message", message)
            members(&$0)
        }
        pending = json.finish()
        pending.append(UInt8(ascii: "\n"))
    }

    /// Writes what waits for the end of the turn.
    func flush() {
        guard !pending.isEmpty else { return }
        sink.write(pending)
        pending.removeAll(keepingCapacity: pending.count <= 16 * 1024)
    }
}
