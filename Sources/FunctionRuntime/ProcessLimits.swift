import CFunctionLinux
import Glibc

/// How many cores this process may use.
enum Cores {
    /// By the scheduler's affinity and the control groups' quotas, at least 1.
    static var usable: Int {
        max(1, min(numbers.count, CPUQuota(read: SystemFile.text).cores ?? .max))
    }

    /// The numbers of the cores that the scheduler may use for this process; none if it does not tell.
    static var numbers: [Int] {
        var set = [UInt64](repeating: 0, count: 16)
        guard sched_getaffinity(0, set.count * MemoryLayout<UInt64>.size, &set) >= 0 else { return [] }
        return set.indices.flatMap { word in (0..<64).filter { set[word] >> UInt64($0) & 1 == 1 }.map { word * 64 + $0 }
        }
    }

    /// Keeps the calling thread, and those that it starts, on one core. Where that is forbidden nothing changes.
    static func stay(on number: Int) {
        var set = [UInt64](repeating: 0, count: 16)
        guard number < set.count * 64 else { return }
        set[number / 64] = 1 << UInt64(number % 64)
        sched_setaffinity(0, set.count * MemoryLayout<UInt64>.size, &set)
    }
}

/// How many connections of clients the process' limit of descriptors allows (RLIMIT_NOFILE, getrlimit(2)).
struct Descriptors: Hashable {
    /// The limit in force.
    let limit: Int
    let loops: Int
    /// What a request may open for itself: its workflow's connection.
    let perRequest: Int
    let servesMetrics: Bool

    /// Standard streams, signals, files that are read, lookups, and what the platform has left open.
    private static let shared = 16
    /// A loop's own, its listener, and its connections to Redis: one, or one for each master of a cluster.
    private static let perLoop = 16

    /// What is kept free of clients.
    var reserve: Int {
        Self.shared + Self.perLoop * loops + (servesMetrics ? MetricsServer.connectionLimit + 1 : 0)
    }

    /// Connections that may be open, over all loops; nil if there is not one for each loop.
    var connections: Int? {
        let count = (limit - reserve) / (1 + perRequest)
        return count >= loops ? count : nil
    }

    /// The least limit that will do.
    var least: Int { reserve + loops * (1 + perRequest) }

    /// Raises the limit as far as it may be, and returns it.
    static func raiseLimit() -> Int {
        var limit = rlimit()
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(files, &limit) == 0 else { return 1024 }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(files, &raised) == 0 { limit = raised }
        }
        // What counts descriptors is an Int32; also where there is no limit.
        return Int(min(limit.rlim_cur, UInt(Int32.max)))
    }
}
