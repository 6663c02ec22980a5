import CFunctionLinux
import Glibc

/// How many cores this process may use.
enum Cores {
    /// By the scheduler's affinity and the control group's quota, at least 1.
    static var usable: Int {
        max(1, min(numbers.count, quota ?? .max))
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

    /// `cpu.max` of the control group (cgroup v2): quota and period in microseconds, or `max`.
    private static var quota: Int? {
        guard let text = SystemFile.text("/sys/fs/cgroup/cpu.max") else { return nil }
        let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        guard numbers.count == 2, numbers[0] > 0, numbers[1] > 0 else { return nil }
        // Rounded up, without a sum that could overflow.
        return (numbers[0] - 1) / numbers[1] + 1
    }
}
