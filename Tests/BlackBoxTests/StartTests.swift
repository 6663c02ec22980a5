import FunctionEventLoop
import Glibc
import Support
import Testing

/// All tests of the built function; one after another, as each measures times.
@Suite("The token executable", .serialized)
enum BlackBox {}

extension BlackBox {
    @Suite("starts, or says why not") struct StartTests {
        private func run(
            _ settings: [String: String],
            _ arguments: [String] = []
        ) async throws -> (code: Int32, output: String) {
            let process = try FunctionProcess(.token, settings, arguments: arguments)
            return (try await process.exitCode(), process.output)
        }

        @Test("without REDIS_URL it says what to set")
        func withoutRedis() async throws {
            let (code, output) = try await run([:])
            #expect(code == 1)
            #expect(output.contains("REDIS_URL must be set, such as redis://"))
        }

        @Test("all wrong settings are told in one run, and no password")
        func wrongSettings() async throws {
            let (code, output) = try await run([
                "REDIS_URL": "redis://user:hunter2@host:99999", "PORT": "http", "HOST": "here", "LOOPS": "0",
                "LOG_LEVEL": "loud", "DRAIN_SECONDS": "-1", "GRACE_SECONDS": "soon", "MAX_CONNECTIONS": "0",
                "MAX_REQUESTS": "many", "REDIS_TIMEOUT_MS": "1s", "REDIS_WAIT_REPLICAS": "6", "TOKEN_TTL_POLICY": "lax",
            ])
            #expect(code == 1)
            let told = output.split(separator: "\n").compactMap { $0.firstMatch(of: #/"setting":"(\w+) /#)?.1 }
            #expect(
                Set(told) == [
                    "REDIS_URL", "PORT", "HOST", "LOOPS", "LOG_LEVEL", "DRAIN_SECONDS", "GRACE_SECONDS",
                    "MAX_CONNECTIONS", "MAX_REQUESTS", "REDIS_TIMEOUT_MS", "REDIS_WAIT_REPLICAS", "TOKEN_TTL_POLICY",
                ]
            )
            #expect(!output.contains("hunter2"))
        }

        @Test(
            "a password in a URL that cannot be used is not told",
            arguments: [
                "redis://:hunter2@", "http://u:hunter2@host", "redis://u:hunter2@host/x", "hunter2",
                "redis://u:hunter2@ho st", "redis://u:%zzhunter2@host", "hunter2:pass", "redis:hunter2@host",
            ]
        )
        func masked(url: String) async throws {
            let (code, output) = try await run(["REDIS_URL": url])
            #expect(code == 1)
            #expect(output.contains("REDIS_URL") && !output.contains("hunter2"))
        }

        @Test("a port in use is told", arguments: [1, 2])
        func portInUse(loops: Int) async throws {
            let redis = try RedisServer()
            let service = try await Service(redis, ["LOOPS": "\(loops)"])
            var settings = Service.environment(redis)
            settings["PORT"] = "\(service.port)"
            settings["LOOPS"] = "\(loops)"
            let (code, output) = try await run(settings)
            #expect(code == 3)
            #expect(output.contains("port in use"))
        }

        @Test("with --help it tells its settings and their defaults, with --version its version")
        func help() async throws {
            let (code, help) = try await run([:], ["--help"])
            #expect(code == 0)
            for line in [#/REDIS_URL +required /#, #/PORT +8080 /#, #/LOG_LEVEL +info /#, #/LOOPS +cores /#] {
                #expect(help.contains(line))
            }
            let (versionCode, version) = try await run([:], ["--version"])
            #expect(versionCode == 0)
            #expect(version.wholeMatch(of: /token \(stream-token \d+\.\d+\.\d+( with TLS)?\)\n/) != nil)
        }

        @Test("an argument is refused, and not repeated")
        func arguments() async throws {
            let (code, output) = try await run([:], ["redis://:hunter2@host"])
            #expect(code == 1)
            #expect(output.contains("--help") && !output.contains("hunter2"))
        }

        @Test("SIGTERM and SIGINT end it with 0", arguments: [SIGTERM, SIGINT])
        func ends(signal: Int32) async throws {
            let service = try await Service(try RedisServer())
            service.process.signal(signal)
            #expect(try await service.process.exitCode() == 0)
        }
    }
}
