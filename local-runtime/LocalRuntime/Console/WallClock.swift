import Glibc

/// The system's time.
enum WallClock {
    /// Milliseconds since 1970.
    static var milliseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }

    /// A time of milliseconds since 1970, as it is shown to a person and to programs (RFC 3339): in UTC,
    /// `2026-11-23T09:08:07.654Z`.
    static func text(_ milliseconds: Int) -> String {
        var second = time_t(milliseconds / 1000)
        var parts = tm()
        gmtime_r(&second, &parts)
        let date = [digits(parts.tm_year + 1900, 4), digits(parts.tm_mon + 1, 2), digits(parts.tm_mday, 2)]
        let time = [digits(parts.tm_hour, 2), digits(parts.tm_min, 2), digits(parts.tm_sec, 2)]
        let fraction = digits(Int32(milliseconds % 1000), 3)
        return date.joined(separator: "-") + "T" + time.joined(separator: ":") + ".\(fraction)Z"
    }

    private static func digits(_ number: Int32, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
