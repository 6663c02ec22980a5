/// The processor time that control groups grant this process, in both versions of Linux control groups (cgroups(7);
/// Documentation/admin-guide/cgroup-v2.rst, `cpu.max`; Documentation/scheduler/sched-bwc.rst, `cpu.cfs_quota_us`).
///
/// A group's quota limits everything inside it, and groups are nested: a pod's group surrounds those of its containers.
/// So the quota of each group counts, from the process' own up to the visible root.
struct CPUQuota {
    /// Returns a file's content; nil if it cannot be read.
    let read: (_ path: String) -> String?

    /// The lowest quota, in cores, rounded up; nil if there is none.
    var cores: Int? {
        let groups = Self.groups(read("/proc/self/cgroup") ?? "")
        let unified = Self.folders(at: ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"], groups.unified).compactMap(quota)
        let mounts = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/cpuacct,cpu"]
        let legacy = Self.folders(at: mounts, groups.legacy).compactMap(legacyQuota)
        return (unified + legacy).min()
    }

    /// `cpu.max`: quota and period in microseconds, or `max`.
    private func quota(_ folder: String) -> Int? {
        guard let numbers = read(folder + "/cpu.max").map(Self.words), numbers.count == 2 else { return nil }
        return Self.cores(numbers[0], numbers[1])
    }

    /// The same in two files; the quota is -1 where there is none.
    private func legacyQuota(_ folder: String) -> Int? {
        guard let quota = read(folder + "/cpu.cfs_quota_us").map(Self.words), quota.count == 1,
            let period = read(folder + "/cpu.cfs_period_us").map(Self.words), period.count == 1
        else { return nil }
        return Self.cores(quota[0], period[0])
    }

    private static func cores(_ quota: Substring, _ period: Substring) -> Int? {
        guard let quota = Int(quota), let period = Int(period), quota > 0, period > 0 else { return nil }
        // Rounds up without a sum that could overflow.
        return (quota - 1) / period + 1
    }

    private static func words(_ text: String) -> [Substring] {
        text.split(whereSeparator: \.isWhitespace)
    }

    /// The process' groups in /proc/self/cgroup, whose lines are `number:controllers:path`: the one in the unified
    /// hierarchy, whose list of controllers is empty, and the one of the controller `cpu`.
    private static func groups(_ text: String) -> (unified: Substring, legacy: Substring) {
        var groups: (unified: Substring, legacy: Substring) = ("", "")
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            if fields[1].isEmpty {
                groups.unified = fields[2]
            } else if fields[1].split(separator: ",").contains("cpu") {
                groups.legacy = fields[2]
            }
        }
        return groups
    }

    /// The folders of a group and of those around it. Some may not exist: in a container, the mounted root can be the
    /// group itself while its path begins at the machine's root.
    private static func folders(at mounts: [String], _ group: Substring) -> [String] {
        let names = group.split(separator: "/")
        // The group is above the root that this process can see.
        let isOutside = names.contains("..")
        return mounts.flatMap { mount in
            var folders = [mount]
            for name in isOutside ? [] : names { folders.append(folders[folders.count - 1] + "/" + name) }
            return folders
        }
    }
}
