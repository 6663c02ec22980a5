import FunctionBytes
public import FunctionCore
package import FunctionEventLoop
import Glibc

/// One loop's log: JSON lines, written once per turn of the loop. Confined to its loop's thread.
public final class Log: @unchecked Sendable {
    // Unchecked: everything here is touched only on the loop's thread, except `sink`, which has a lock.

    private unowned let loop: EventLoop
    private let sink: LogSink
    private var pending: [UInt8] = []
    private var time = LogTime()
    public let level: LogLevel
    public let audit: Audit

    package init(on loop: EventLoop, level: LogLevel, audit: Audit = .off, sink: LogSink) {
        self.loop = loop
        self.level = level
        self.audit = audit
        self.sink = sink
    }

    /// Writes a line if its level is logged; `members` adds to time, level and message. A line must not hold a secret.
    public func write(_ level: LogLevel, _ message: String, _ members: (inout JSONWriter) -> Void = { _ in }) {
        if level >= self.level { append(level, message, members) }
    }

    func append(_ level: LogLevel, _ message: String, _ members: (inout JSONWriter) -> Void) {
        if pending.isEmpty { loop.atEndOfTurn { self.flush() } }
        // The buffer is handed over and taken back, so that the line is written in place and not copied.
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

    /// Writes the lines that wait for the end of the turn.
    func flush() {
        guard !pending.isEmpty else { return }
        sink.write(pending)
        pending.removeAll(keepingCapacity: pending.count <= 16 * 1024)
    }

    /// Whether audit lines are written (AUDIT_LOG).
    public enum Audit: String, CaseIterable, Sendable {
        case on
        case off
    }

    /// Writes a line that says who was given or refused what. It does not depend on the level; AUDIT_LOG turns it off.
    ///
    /// `client` is the client's address. `members` adds to the event and the request's ids. A line must not hold a
    /// secret.
    public func audit(
        _ event: String,
        requestID: String,
        traceID: String?,
        client: String? = nil,
        _ members: (inout JSONWriter) -> Void
    ) {
        guard audit == .on else { return }
        append(.info, "audit") {
            $0.member("event", event)
            $0.member("request_id", requestID)
            if let traceID { $0.member("trace_id", traceID) }
            if let client { $0.member("client", client) }
            members(&$0)
        }
    }
}

/// The time of a log line (RFC 3339). Everything up to the seconds is formatted once a second and kept.
struct LogTime {
    private var second: time_t = -1
    private var prefix: [UInt8] = []

    /// `2026-11-23T09:08:07.654Z`
    mutating func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        if time.tv_sec != second {
            second = time.tv_sec
            prefix = Array((CalendarTime(second: second).rfc3339 + ".").utf8)
        }
        let milliseconds = time.tv_nsec / 1_000_000
        return String(unsafeUninitializedCapacity: prefix.count + 4) { buffer in
            var next = buffer.update(fromContentsOf: prefix)
            for digit in [milliseconds / 100, milliseconds / 10 % 10, milliseconds % 10] {
                buffer[next] = UInt8(ascii: "0") + UInt8(digit)
                next += 1
            }
            buffer[next] = UInt8(ascii: "Z")
            return next + 1
        }
    }
}

/// The severity of a log line.
public enum LogLevel: String, CaseIterable, Comparable, Sendable {
    case debug
    /// One line per request.
    case info
    case warning
    case error

    public static func < (left: LogLevel, right: LogLevel) -> Bool {
        left.rank < right.rank
    }

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}
