import CFunctionLinux
import Glibc

/// The processor cores that this process may use.
enum Cores {
    /// How many: the lesser of the scheduler's affinity and the control groups' quota, at least 1.
    static var usable: Int {
        max(1, min(numbers.count, CPUQuota(read: SystemFile.text).cores ?? .max))
    }

    /// The numbers of the cores in the scheduler's affinity mask; empty if it cannot be read.
    static var numbers: [Int] {
        var set = [UInt64](repeating: 0, count: 16)
        guard sched_getaffinity(0, set.count * MemoryLayout<UInt64>.size, &set) >= 0 else { return [] }
        return set.indices.flatMap { word in (0..<64).filter { set[word] >> UInt64($0) & 1 == 1 }.map { word * 64 + $0 }
        }
    }

    /// Pins the calling thread, and the threads that it starts, to one core. Does nothing where that is forbidden.
    static func stay(on number: Int) {
        var set = [UInt64](repeating: 0, count: 16)
        guard number < set.count * 64 else { return }
        set[number / 64] = 1 << UInt64(number % 64)
        sched_setaffinity(0, set.count * MemoryLayout<UInt64>.size, &set)
    }
}

/// How many client connections the process' descriptor limit allows (RLIMIT_NOFILE, getrlimit(2)).
struct Descriptors: Hashable {
    /// The limit in force.
    let limit: Int
    let loops: Int
    /// Descriptors that a request may open for itself: its workflow's connection.
    let perRequest: Int
    let servesMetrics: Bool

    /// For standard streams, signals, files, lookups, and what the platform left open.
    private static let shared = 16
    /// For a loop itself, its listener, and its connections to Redis: one, or one to each primary of a cluster.
    private static let perLoop = 16

    /// Descriptors that client connections must leave free.
    var reserve: Int {
        Self.shared + Self.perLoop * loops + (servesMetrics ? MetricsServer.connectionLimit + 1 : 0)
    }

    /// Connections that all loops together may have open; nil if that is fewer than one for each loop.
    var connections: Int? {
        let count = (limit - reserve) / (1 + perRequest)
        return count >= loops ? count : nil
    }

    /// The lowest limit that allows a connection for each loop.
    var least: Int { reserve + loops * (1 + perRequest) }

    /// Raises the soft limit to the hard one, and returns the limit now in force.
    static func raiseLimit() -> Int {
        var limit = rlimit()
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(files, &limit) == 0 else { return 1024 }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(files, &raised) == 0 { limit = raised }
        }
        // Descriptors are Int32, even where there is no limit.
        return Int(min(limit.rlim_cur, UInt(Int32.max)))
    }
}
