import Glibc

/// The time of a log line (RFC 3339), of which all but the milliseconds is formatted once a second.
struct LogTime {
    private var second: time_t = -1
    private var prefix: [UInt8] = []

    /// `2026-11-23T09:08:07.654Z`
    mutating func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        if time.tv_sec != second {
            second = time.tv_sec
            prefix = Self.format(second)
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

    /// `2026-11-23T09:08:07.`
    private static func format(_ second: time_t) -> [UInt8] {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 40) { buffer in
            let count = strftime(buffer.baseAddress!, buffer.count, "%Y-%m-%dT%H:%M:%S.", &parts)
            return buffer[..<count].map { UInt8(bitPattern: $0) }
        }
    }
}
