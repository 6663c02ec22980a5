import Foundation
import Support
import Testing

extension BlackBox {
    @Suite("if no thread can be started") struct ThreadTests {
        /// Runs argv[2] with a kernel that refuses new threads, with argv[1] as errno.
        private static let launcher = Seccomp.launcher(
            """
            calls = [435] + ([56] if platform.machine() == 'x86_64' else [220])
            for call in calls: program += [(equal, 0, 1, call), (give, 0, 0, 0x50000 | int(sys.argv[1]))]
            """,
            argument: 2
        )

        private func run(_ code: Int32, _ settings: [String: String]) throws -> (Process, Pipe) {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["python3", "-c", Self.launcher, "\(code)", FunctionProcess.path(of: .token)]
            process.environment = FunctionProcess.environment(
                settings.merging(["HOST": "127.0.0.1", "PORT": "0", "PATH": "/usr/bin:/bin"]) { $1 }
            )
            let output = Pipe()
            process.standardError = output
            process.standardOutput = output
            try process.run()
            return (process, output)
        }

        @Test(
            "the function says which limit to look at, and exits with 3",
            arguments: [(EPERM, "clone3"), (EAGAIN, "pids.max")]
        )
        func atTheStart(code: Int32, limit: String) async throws {
            let (process, pipe) = try run(code, ["REDIS_URL": "redis://127.0.0.1:1", "LOOPS": "2"])
            let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationReason == .exit && process.terminationStatus == 3, "\(output)")
            #expect(output.contains("cannot start") && output.contains(limit), "\(output)")
            #expect(!output.contains(#""listening""#))
        }

        @Test("a lookup fails, and the function goes on")
        func lookup() async throws {
            let (process, pipe) = try run(EAGAIN, ["REDIS_URL": "redis://redis.invalid:1", "LOOPS": "1"])
            defer { process.terminate() }
            var output = ""
            while !output.contains("pids.max") {
                let more = pipe.fileHandleForReading.availableData
                guard !more.isEmpty else { break }
                output += String(decoding: more, as: UTF8.self)
            }
            #expect(output.contains("lookup: redis.invalid: no thread can be started"), "\(output)")
            process.terminate()
            process.waitUntilExit()
            #expect(process.terminationReason == .exit && process.terminationStatus == 0, "it exits normally")
        }
    }
}
