import FunctionMetrics
import Glibc

/// Metrics of the process, under the names that every exporter uses
/// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics).
enum ProcessMetrics {
    static func add(to reading: inout MetricsReading) {
        reading.add(.cpu, seconds(CLOCK_PROCESS_CPUTIME_ID))
        if let resident { reading.add(.residentMemory, resident) }
        if let openDescriptors { reading.add(.openDescriptors, openDescriptors) }
        if let maxDescriptors { reading.add(.maxDescriptors, maxDescriptors) }
        if let start { reading.add(.start, start) }
        reading.add(.build, 1, ("version", Runtime.version))
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// In bytes; the second number of proc_pid_statm(5) is in pages.
    private static var resident: Int? {
        let numbers = SystemFile.text("/proc/self/statm")?.split(separator: " ").compactMap { Int($0) } ?? []
        return numbers.count > 1 ? numbers[1] * sysconf(Int32(_SC_PAGESIZE)) : nil
    }

    private static var openDescriptors: Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Without `.`, `..`, and the descriptor that reads the folder.
        return count - 3
    }

    private static var maxDescriptors: Double? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return limit.rlim_cur == .max ? .infinity : Double(limit.rlim_cur)
    }

    /// In seconds since 1970; the 22nd field of proc_pid_stat(5) is in clock ticks since boot.
    private static var start: Double? {
        guard let text = SystemFile.text("/proc/self/stat"), let name = text.lastIndex(of: ")") else { return nil }
        let fields = text[name...].split(separator: " ")
        guard fields.count > 20, let ticks = Double(fields[20]) else { return nil }
        let age = seconds(CLOCK_BOOTTIME) - ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
        // A tick is a hundredth of a second; further digits would change from one reading to the next.
        return ((seconds(CLOCK_REALTIME) - age) * 100).rounded() / 100
    }
}

extension Metric {
    fileprivate static let cpu = Metric(
        fullName: "process_cpu_seconds_total",
        .counter,
        "User and system processor time used, in seconds."
    )
    fileprivate static let residentMemory = Metric(
        fullName: "process_resident_memory_bytes",
        .gauge,
        "Resident memory in bytes."
    )
    fileprivate static let openDescriptors = Metric(fullName: "process_open_fds", .gauge, "Open file descriptors.")
    fileprivate static let maxDescriptors = Metric(
        fullName: "process_max_fds",
        .gauge,
        "The limit of open file descriptors."
    )
    fileprivate static let start = Metric(
        fullName: "process_start_time_seconds",
        .gauge,
        "Start time of the process, in seconds since 1970."
    )
    fileprivate static let build = Metric("build_info", .gauge, "Always 1; its label is the running version.")
}
