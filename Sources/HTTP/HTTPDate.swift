import FunctionBytes
import Glibc

/// The date header's value (RFC 9110, section 5.6.7), formatted once a second.
struct HTTPDate {
    private var second: time_t = -1
    private var formatted: [UInt8] = []

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    mutating func now() -> [UInt8] {
        var time = timespec()
        // The coarse clock is some milliseconds late and costs a quarter.
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        if time.tv_sec != second {
            second = time.tv_sec
            formatted = Array(CalendarTime(second: second).httpDate.utf8)
        }
        return formatted
    }
}
