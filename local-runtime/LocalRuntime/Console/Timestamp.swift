import Glibc

/// A time as it is shown to a person and to programs (RFC 3339): UTC, with milliseconds.
enum Timestamp {
    /// `2026-11-23T09:08:07.654Z`, of milliseconds since 1970.
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
