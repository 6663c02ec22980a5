import Foundation
import FunctionEventLoop
import Glibc
import Support
import Testing

/// All tests of the built function. They run one after another, because each measures times.
@Suite("The token executable", .serialized)
enum BlackBox {}

extension BlackBox {
    @Suite("starting") struct StartTests {
        private func run(
            _ settings: [String: String],
            _ arguments: [String] = []
        ) async throws -> (code: Int32, output: String) {
            let process = try FunctionProcess(.token, settings, arguments: arguments)
            return (try await process.exitCode(), process.output)
        }

        @Test("without REDIS_URL the message says what to set")
        func withoutRedis() async throws {
            let (code, output) = try await run([:])
            #expect(code == 1)
            #expect(output.contains("REDIS_URL must be set, such as redis://"))
        }

        @Test("a closed standard error is replaced, so that the log cannot go to a connection with its number")
        func closedStandardError() async throws {
            let (input, output) = try Spawn.makePipe()
            defer {
                close(input)
                close(output)
            }
            let id = try Spawn.process(
                ["/bin/sh", "-c", #"exec "$0" 2>&-"#, FunctionProcess.path(of: .token)],
                environment: Service.environment(try RedisServer()).map { "\($0)=\($1)" },
                output: output
            )
            defer {
                kill(id, SIGKILL)
                waitpid(id, nil, 0)
            }
            try await eventually("the number is taken") {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/fd/2")) == "/dev/null"
            }
        }

        @Test("all wrong settings are reported in one run, without passwords")
        func wrongSettings() async throws {
            let (code, output) = try await run([
                "REDIS_URL": "redis://user:hunter2@host:99999", "PORT": "http", "HOST": "here", "LOOPS": "0",
                "LOG_LEVEL": "loud", "DRAIN_SECONDS": "-1", "GRACE_SECONDS": "soon", "MAX_CONNECTIONS": "0",
                "MAX_REQUESTS": "many", "IDLE_SECONDS": "never", "REDIS_TIMEOUT_MS": "1s", "REDIS_WAIT_REPLICAS": "6",
                "TOKEN_TTL_POLICY": "lax", "GROUP_MINTS": "17",
            ])
            #expect(code == 1)
            let told = output.split(separator: "\n").compactMap { $0.firstMatch(of: #/"setting":"(\w+) /#)?.1 }
            #expect(
                Set(told) == [
                    "REDIS_URL", "PORT", "HOST", "LOOPS", "LOG_LEVEL", "DRAIN_SECONDS", "GRACE_SECONDS",
                    "MAX_CONNECTIONS", "MAX_REQUESTS", "IDLE_SECONDS", "REDIS_TIMEOUT_MS", "REDIS_WAIT_REPLICAS",
                    "TOKEN_TTL_POLICY", "GROUP_MINTS",
                ]
            )
            #expect(!output.contains("hunter2"))
        }

        @Test(
            "a password in an invalid URL is not logged",
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

        @Test("a port in use is reported", arguments: [1, 2])
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

        @Test("--help lists the settings and their defaults, --version prints the version")
        func help() async throws {
            let (code, help) = try await run([:], ["--help"])
            #expect(code == 0)
            #expect(help.contains("[--help | --version | --probe]"))
            for line in [#/REDIS_URL +required /#, #/PORT +8080 /#, #/LOG_LEVEL +info /#, #/LOOPS +cores /#] {
                #expect(help.contains(line))
            }
            let (versionCode, version) = try await run([:], ["--version"])
            #expect(versionCode == 0)
            #expect(version.wholeMatch(of: /token \(stream-token \d+\.\d+\.\d+( with TLS)?\)\n/) != nil)
        }

        @Test(
            "a variable that Kubernetes sets for a Service is ignored if it has the name of a setting",
            arguments: [Executable.token, .stream, .admit]
        )
        func serviceLinks(executable: Executable) async throws {
            let help = try FunctionProcess(executable, [:], arguments: ["--help"])
            try await expect(help.exitCode(), is: 0)
            let names = help.output.matches(of: #/\n {2}([A-Z][A-Z_]*) {2}/#).map { String($0.1) }
            #expect(names.contains("METRICS_PORT") && names.contains("REDIS_URL"))
            // Of the names that service links set, only `…_PORT` may be a setting's.
            #expect(names.filter { $0.contains(#/.(_SERVICE_HOST|_SERVICE_PORT|_NAME)$|_PORT_|_ENV_/#) } == [])
            let links = names.filter { $0.hasSuffix("_PORT") }.map { ($0, "tcp://10.0.0.1:9100") }
            var settings = ["REDIS_URL": "redis://127.0.0.1:1", "HOST": "127.0.0.1", "PORT": "0"]
            settings.merge(links) { _, link in link }
            let process = try FunctionProcess(executable, settings)
            _ = try await process.port()
            for (name, _) in links {
                #expect(
                    process.output.contains(#""setting":"\#(name) is \"tcp://10.0.0.1:9100\", as Kubernetes sets it"#)
                )
            }
            process.signal(SIGTERM)
            try await expect(process.exitCode(), is: 0)
        }

        @Test("the exit code of --probe says whether the function with the same settings is ready")
        func probe() async throws {
            let redis = try RedisServer()
            let service = try await Service(redis)
            var settings = Service.environment(redis)
            settings["PORT"] = "\(service.port)"
            let (code, output) = try await run(settings, ["--probe"])
            #expect(code == 0 && output.isEmpty)
            try await expect(service.end(), is: 0)
            let (failed, line) = try await run(settings, ["--probe"])
            #expect(failed == 1)
            #expect(line.split(separator: "\n").count == 1)
            #expect(line.contains(#""message":"not ready""#) && line.contains("127.0.0.1:\(service.port): connect: "))
        }

        @Test("--probe reports wrong settings in one line")
        func wrongProbe() async throws {
            let (code, output) = try await run(["PORT": "x", "LOOPS": "y"], ["--probe"])
            #expect(code == 1)
            #expect(output.split(separator: "\n").count == 1 && output.contains("PORT must be"))
        }

        @Test("an invalid secret is described by its shape")
        func secretShapes() async throws {
            let (code, output) = try await run(["REDIS_URL": "\"redis://:hunter2@host\"\n"])
            #expect(code == 1)
            #expect(output.contains("it has 24 bytes, is in quotation marks") && !output.contains("hunter2"))
        }

        @Test("an argument is refused without repeating it")
        func arguments() async throws {
            let (code, output) = try await run([:], ["redis://:hunter2@host"])
            #expect(code == 1)
            #expect(output.contains("--help") && !output.contains("hunter2"))
        }

        @Test("it drains on SIGTERM and SIGINT, says so, and exits with 0", arguments: [SIGTERM, SIGINT])
        func ends(signal: Int32) async throws {
            let service = try await Service(try RedisServer())
            service.process.signal(signal)
            try await expect(service.process.exitCode(), is: 0)
            let name = signal == SIGTERM ? "SIGTERM" : "SIGINT"
            #expect(service.process.output.contains(#""message":"draining","signal":"\#(name)""#))
        }
    }
}
