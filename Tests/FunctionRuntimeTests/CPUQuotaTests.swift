import Testing

@testable import FunctionRuntime

@Suite("The processor time that control groups grant")
struct CPUQuotaTests {
    private static let slice = "/sys/fs/cgroup/system.slice"
    private static let container = ["/sys/fs/cgroup/cpu.max": "50000 100000\n", "/proc/self/cgroup": "0::/\n"]

    @Test(
        "is the lowest quota of the process' group and of those around it",
        arguments: [
            ([:], nil),
            (container, 1),
            (["/sys/fs/cgroup/cpu.max": "max 100000\n"], nil),
            (["/sys/fs/cgroup/cpu.max": "250000 100000\n"], 3),
            // A systemd unit's quota.
            (
                [
                    "/proc/self/cgroup": "0::/system.slice/token.service\n",
                    "\(slice)/token.service/cpu.max": "50000 100000",
                ], 1
            ),
            // Its slice has a lower one.
            (
                [
                    "/proc/self/cgroup": "0::/system.slice/token.service\n", "\(slice)/cpu.max": "200000 100000",
                    "\(slice)/token.service/cpu.max": "400000 100000",
                ], 2
            ),
            (
                [
                    "/proc/self/cgroup": "0::/system.slice/token.service\n", "\(slice)/cpu.max": "max 100000",
                    "\(slice)/token.service/cpu.max": "400000 100000",
                    "\(slice)/other.service/cpu.max": "100000 100000",
                ], 4
            ),
            // A container whose mounted root is its own group.
            (["/proc/self/cgroup": "0::/kubepods/pod1/a\n", "/sys/fs/cgroup/cpu.max": "150000 100000"], 2),
            (["/proc/self/cgroup": "0::/../../a\n", "/sys/fs/cgroup/cpu.max": "100000 100000"], 1),
        ] as [([String: String], Int?)]
    )
    func unified(files: [String: String], cores: Int?) {
        #expect(CPUQuota { files[$0] }.cores == cores)
    }

    @Test(
        "includes the quotas of version 1, wherever its groups are mounted",
        arguments: ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"]
    )
    func legacy(mount: String) {
        let groups = "12:memory:/docker/b\n4:cpu,cpuacct:/docker/a\n1:name=systemd:/x:y\n"
        func cores(_ files: [String: String]) -> Int? {
            let all = files.merging(["/proc/self/cgroup": groups]) { $1 }
            return CPUQuota { all[$0] }.cores
        }
        let (quota, period) = ("\(mount)/cpu.cfs_quota_us", "\(mount)/cpu.cfs_period_us")
        #expect(cores([quota: "50000\n", period: "100000\n"]) == 1)
        #expect(cores([quota: "-1\n", period: "100000\n"]) == nil)
        #expect(cores([quota: "50000\n"]) == nil)
        let nested = ["\(mount)/docker/a/cpu.cfs_quota_us": "150000", "\(mount)/docker/a/cpu.cfs_period_us": "50000"]
        #expect(cores(nested) == 3)
        #expect(cores(nested.merging([quota: "100000", period: "100000"]) { $1 }) == 1)
        // Another controller's group.
        #expect(cores(["\(mount)/docker/b/cpu.cfs_quota_us": "1", "\(mount)/docker/b/cpu.cfs_period_us": "1"]) == nil)
    }

    @Test(
        "is unlimited if the kernel's text makes no sense",
        arguments: [
            "", "max", "0 100000", "100000 0", "-1 100000", "99999999999999999999 1", "a b", "1 2 3",
            "9223372036854775807 1",
        ]
    )
    func nonsense(text: String) {
        let cores = CPUQuota { $0 == "/sys/fs/cgroup/cpu.max" ? text : nil }.cores
        #expect(cores == (text.hasPrefix("922") ? Int.max : nil))
    }
}
