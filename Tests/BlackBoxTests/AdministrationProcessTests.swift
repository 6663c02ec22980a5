import Foundation
import FunctionRedis
import Glibc
import StreamTokens
import StreamTokensRedis
import Support
import Testing

extension BlackBox {
    /// `local-runtime` as a process: the behavior that only descriptors and signals show.
    @Suite("keys and orgs as processes") struct AdministrationProcessTests {
        private static let program = FunctionProcess.path(of: .localRuntime)

        /// Runs `text` in bash, where `$P` is the program; returns its exit code and output.
        private func shell(_ text: String, _ redis: RedisServer, _ settings: [String: String] = [:]) async throws
            -> (code: Int32, said: String)
        {
            let environment = ["REDIS_URL": "\(redis.url)", "P": Self.program, "PATH": "/usr/bin:/bin"]
                .merging(settings) { $1 }
            // Blocking the thread is fine here: the server is another process.
            return try Spawn.run(["bash", "-c", text], environment: environment.map { "\($0)=\($1)" })
        }

        private func keys(_ redis: RedisServer) async throws -> [KeyRecord] {
            try await redis.withClient { client in try await RedisTokenStore(client: client).keys(of: nil) }
        }

        @Test(
            "if the secret cannot be written, no key is left",
            arguments: [
                (">/dev/full", "No space left on device"), (">&-", "Bad file descriptor"), ("| true", "Broken pipe"),
            ]
        )
        func unwritten(redirection: String, reason: String) async throws {
            let redis = try RedisServer()
            // `true` has closed the pipe before the command writes.
            let call = #""$P" keys create --org acme "#
            let text =
                redirection.hasPrefix("|")
                ? "set -o pipefail; { sleep 0.3; \(call); } \(redirection)" : call + redirection
            let (code, said) = try await shell(text, redis)
            #expect(code == 3)
            #expect(said.contains(reason) && said.contains("so there is no key"), "\(said)")
            #expect(said.split(separator: "\n").count == 1)
            try await expect(keys(redis), is: [])
        }

        @Test("a closed pipe is not an error; a full disk is one")
        func lists() async throws {
            let redis = try RedisServer()
            let made = try await shell(#"for i in 1 2 3; do "$P" keys create --org "org $i" 2>/dev/null; done"#, redis)
            #expect(made.code == 0)
            for list in ["keys list", "orgs list", "keys list --json", "help", "completion bash"] {
                let head = try await shell(#"set -o pipefail; { sleep 0.2; "$P" \#(list); } | true"#, redis)
                #expect(head.code == 0 && head.said == "", "\(list): \(head.said)")
                let full = try await shell(#""$P" \#(list) >/dev/full"#, redis)
                #expect(full.code == 3, "\(list)")
                #expect(full.said.contains("standard output cannot be written: No space left on device"))
                let closed = try await shell(#""$P" \#(list) >&-"#, redis)
                #expect(closed.code == 3 && closed.said.split(separator: "\n").count == 1, "\(closed.said)")
            }
            // No input, and no standard error to report it on.
            try await expect(shell(#""$P" keys disable - <&- 2>&-"#, redis).code, is: 1)
        }

        @Test(
            "a program gets plain text, whatever NO_COLOR and COLUMNS say",
            arguments: ["", "1"]
        )
        func plain(noColor: String) async throws {
            let redis = try RedisServer()
            let settings = ["NO_COLOR": noColor, "COLUMNS": "40", "TERM": "xterm-256color"]
            for words in [
                "keys create --org acme", "orgs list", "keys list", "keys show x", "orgs show nobody", "--help",
            ] {
                let (_, said) = try await shell(#""$P" \#(words)"#, redis, settings)
                #expect(!said.isEmpty && !said.contains("\u{1B}"))
            }
        }

        @Test("a signal before the change ends the command at once, with a line", arguments: [SIGINT, SIGTERM, SIGHUP])
        func waiting(signal: Int32) async throws {
            let redis = try RedisServer()
            let (input, held) = try Spawn.makePipe()
            defer { close(held) }
            let (read, write) = try Spawn.makePipe()
            defer { close(read) }
            let process = try Spawn.process(
                [Self.program, "keys", "disable", "-"],
                environment: ["REDIS_URL=\(redis.url)"],
                input: input,
                output: write
            )
            close(input)
            close(write)
            try await isPrepared(process)
            kill(process, signal)
            #expect(Spawn.said(on: read) == "local-runtime: interrupted; nothing was changed\n")
            #expect(Spawn.end(of: process) == 3)
        }

        @Test("a signal during a change lets the change finish")
        func changing() async throws {
            let redis = try RedisServer()
            try await expect(shell(#""$P" keys create --org acme 2>/dev/null"#, redis).code, is: 0)
            let id = try #require(try await keys(redis).first?.id)
            redis.suspend()
            let (read, write) = try Spawn.makePipe()
            defer { close(read) }
            let process = try Spawn.process(
                [Self.program, "keys", "disable", id],
                environment: ["REDIS_URL=\(redis.url)"],
                output: write
            )
            close(write)
            try await isPrepared(process)
            // It has sent its command and waits for the reply.
            try await eventually("it is connected") { Self.hasSocket(process) }
            kill(process, SIGINT)
            redis.resume()
            #expect(Spawn.said(on: read) == "Key \(id) of acme is disabled.\n")
            #expect(Spawn.end(of: process) == 0)
            try await expect(keys(redis).first?.enabled, is: false)
        }

        /// Waits until the process has a handler for SIGINT (proc_pid_status(5)).
        private func isPrepared(_ process: pid_t) async throws {
            try await eventually("signals are caught") {
                let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
                let caught = status.firstMatch(of: /SigCgt:\s+([0-9a-f]+)/).flatMap { UInt64($0.1, radix: 16) } ?? 0
                return caught >> UInt64(SIGINT - 1) & 1 == 1
            }
        }

        private static func hasSocket(_ process: pid_t) -> Bool {
            let folder = "/proc/\(process)/fd"
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return names.contains { name in
                guard (Int(name) ?? 0) > 2 else { return false }
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")
                return target?.hasPrefix("socket:") == true
            }
        }
    }
}
