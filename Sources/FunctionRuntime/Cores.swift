internal import CLinux
import Glibc

/// How many cores this process may use.
enum Cores {
    /// By the scheduler's affinity and the control group's quota, at least 1.
    static var usable: Int {
        max(1, min(affinity, quota ?? .max))
    }

    private static var affinity: Int {
        var set = [UInt64](repeating: 0, count: 16)
        let size = sched_getaffinity(0, set.count * MemoryLayout<UInt64>.size, &set)
        return size < 0 ? 1 : set.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    /// `cpu.max` of the control group (cgroup v2): quota and period in microseconds, or `max`.
    private static var quota: Int? {
        guard let text = read("/sys/fs/cgroup/cpu.max") else { return nil }
        let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        guard numbers.count == 2, numbers[1] > 0 else { return nil }
        return max(1, (numbers[0] + numbers[1] - 1) / numbers[1])
    }

    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}
