import Glibc
import LocalRuntimeConsole

/// Tells what a watch does, a line each with the time of day.
struct WatchLog: Sendable {
    let output: Output

    func line(_ text: String) {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        localtime_r(&now.tv_sec, &parts)
        let time = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { ($0 < 10 ? "0" : "") + String($0) }
        output.line("\(time.joined(separator: ":"))  \(Secrets.masked(text))")
    }
}
