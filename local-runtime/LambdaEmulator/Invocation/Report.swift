package import FunctionEventLoop

/// The line that ends an invocation in the log.
package struct Report: Sendable {
    package let id: String
    package let duration: Interval
    /// How long the process took to ask for its first event, if this was its first invocation.
    let initDuration: Interval?
    /// The function's configured memory, in MB.
    package let memorySize: Int
    /// The process's peak memory, in bytes.
    let peakMemory: Int
    package let error: FunctionError?

    /// Durations have two decimals. The billed duration includes the initialization and is rounded up to milliseconds.
    package var line: String {
        let billed = duration.nanoseconds + (initDuration?.nanoseconds ?? 0)
        var fields = [
            "REPORT RequestId: \(id)",
            "Duration: \(Self.milliseconds(duration)) ms",
            "Billed Duration: \((billed + 999_999) / 1_000_000) ms",
            "Memory Size: \(memorySize) MB",
            "Max Memory Used: \((peakMemory + (1 << 20) - 1) >> 20) MB",
        ]
        if let initDuration { fields.append("Init Duration: \(Self.milliseconds(initDuration)) ms") }
        switch error?.type {
        case nil: break
        case "Sandbox.Timedout": fields.append("Status: timeout")
        case let type?: fields += ["Status: error", "Error Type: \(type)"]
        }
        return fields.joined(separator: "\t")
    }

    /// The line for an initialization that failed.
    static func failedInit(_ duration: Interval, type: String) -> String {
        let status = type == "Sandbox.Timedout" ? "timeout" : "error\tError Type: \(type)"
        return "INIT_REPORT Init Duration: \(milliseconds(duration)) ms\tPhase: init\tStatus: \(status)"
    }

    private static func milliseconds(_ interval: Interval) -> String {
        hundredths(interval.nanoseconds / 10_000)
    }

    /// `123` as `1.23`
    static func hundredths(_ count: Int64) -> String {
        "\(count / 100)." + (count % 100 < 10 ? "0" : "") + "\(count % 100)"
    }
}
