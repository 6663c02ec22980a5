import Foundation
import FunctionEventLoop
import FunctionRedis
import Support
import Testing

extension BlackBox {
    @Suite("500 if Redis refuses, with the reason in the log") struct FaultTests {
        private static let settings = ["REDIS_TIMEOUT_MS": "300"]

        /// Expects the documented 500, and `cause` in its log line.
        private func expectFailure(_ port: UInt16, _ key: String, _ process: FunctionProcess, _ cause: String)
            async throws
        {
            let response = try await Client(port: port).ask(key: key, fields: "connection: close\r\n")
            #expect(response.status == 500)
            #expect(response.body == Load.failure)
            #expect(response.field("content-type") == "application/json")
            #expect(response.field("cache-control") == "no-store")
            try await eventually("the log has the cause \(cause)") {
                process.output.split(separator: "\n").contains {
                    $0.contains(#""status":500"#) && $0.firstMatch(of: /"cause":"(.*)"/)?.1.contains(cause) ?? false
                }
            }
            #expect(!process.output.contains(key))
        }

        private func expectFailure(_ service: Service, _ cause: String) async throws {
            try await expectFailure(service.port, service.key, service.process, cause)
            // The platform should then send requests elsewhere, but not restart the function.
            try await eventually("it is not ready") { try await status(service, "readiness") == 503 }
            try await expect(status(service, "liveness"), is: 200)
        }

        private func status(_ service: Service, _ health: String) async throws -> Int {
            try await Client(port: service.port).ask("/health/\(health)", fields: "connection: close\r\n").status
        }

        @Test(
            "Redis is full or has too few replicas",
            arguments: [("maxmemory", "1", "OOM"), ("min-replicas-to-write", "1", "NOREPLICAS")]
        )
        func setting(name: String, value: String, cause: String) async throws {
            let service = try await Service(try RedisServer(), Self.settings)
            try await service.redis.command("CONFIG", "SET", name, value)
            try await expectFailure(service, cause)
            try await service.redis.command("CONFIG", "SET", name, "0")
            try await expect(service.mint().status, is: 200)
            try await expect(status(service, "readiness"), is: 200)
        }

        @Test("Redis is a read-only replica, or one that has lost its primary", arguments: ["yes", "no"])
        func replica(servesStaleData: String) async throws {
            let service = try await Service(try RedisServer(), Self.settings)
            try await service.redis.command("CONFIG", "SET", "replica-serve-stale-data", servesStaleData)
            // Nothing listens there.
            try await service.redis.command("REPLICAOF", "127.0.0.1", "1")
            // The function closes the connection, and the next login learns why.
            try await expectFailure(service, "is a replica")
            let refusal = servesStaleData == "yes" ? "READONLY" : "MASTERDOWN"
            try await eventually("the log has what Redis said") { service.process.output.contains(refusal) }
            // Without its primary's data it refuses even the login.
            guard servesStaleData == "yes" else { return }
            try await service.redis.command("REPLICAOF", "NO", "ONE")
            try await expect(service.isBack(), in: ..<(.seconds(2) + LongRun.margin))
            // Each loop has its own connections.
            try await eventually("it is ready") { try await status(service, "readiness") == 200 }
        }

        @Test("Redis cannot save its data")
        func unsaved() async throws {
            let service = try await Service(try RedisServer(), Self.settings)
            // A folder with the file's name keeps Redis from saving.
            let folder = service.redis.folder + "/dump.rdb"
            try FileManager.default.createDirectory(atPath: folder + "/full", withIntermediateDirectories: true)
            try await service.redis.command("CONFIG", "SET", "save", "3600 1")
            try await service.redis.command("BGSAVE")
            try await eventually("saving has failed") { try await service.mint().status == 500 }
            try await expectFailure(service, "MISCONF")
        }

        @Test("Redis is loading its data")
        func loading() async throws {
            let redis = try RedisServer(arguments: ["--enable-debug-command", "local"])
            let service = try await Service(redis, Self.settings)
            try await service.redis.command("DEBUG", "POPULATE", "2000")
            // Half a millisecond for each key makes it load for two and a half seconds. It replies between keys.
            try await service.redis.command("CONFIG", "SET", "loading-process-events-interval-bytes", "1024")
            try await service.redis.command("CONFIG", "SET", "key-load-delay", "1000")
            async let reload = redis.command("DEBUG", "RELOAD")
            try await eventually("Redis loads") { try await service.mint().status == 500 }
            try await expectFailure(service, "LOADING")
            _ = try await reload
            try await expect(service.isBack(), in: ..<(.seconds(2) + LongRun.margin))
        }

        @Test("the password is wrong or missing; the log does not contain it", arguments: [":hunter2@", ""])
        func password(credentials: String) async throws {
            let redis = try RedisServer(arguments: ["--requirepass", "right"])
            let key = try await Service.makeKey(redis, password: "right")
            let url = redis.url.description.replacing("unix://", with: "unix://" + credentials)
            let settings = Service.environment(redis, Self.settings.merging(["REDIS_URL": url]) { $1 })
            let process = try FunctionProcess(.token, settings)
            try await expectFailure(process.port(), key, process, credentials.isEmpty ? "NOAUTH" : "WRONGPASS")
            #expect(!process.output.contains("hunter2"))
        }

        @Test("Redis is not running at the start; the function recovers when it starts")
        func absent() async throws {
            let redis = try RedisServer(.tcp, arguments: ["--appendonly", "yes"])
            let key = try await Service.makeKey(redis)
            redis.kill()
            let process = try FunctionProcess(.token, Service.environment(redis, Self.settings))
            let port = try await process.port()
            try await expectFailure(port, key, process, "Connection refused")
            try await expect(Client(port: port).ask("/health/readiness").status, is: 503)
            try await expect(Client(port: port).ask("/health/liveness").status, is: 200)
            try redis.restart()
            try await eventually("a token is minted", within: .seconds(2) + LongRun.margin) {
                try await Client(port: port).ask(key: key).status == 200
            }
        }
    }
}
