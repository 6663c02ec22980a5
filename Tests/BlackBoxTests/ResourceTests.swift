import FunctionEventLoop
import FunctionRedis
import Glibc
import Support
import Testing

extension BlackBox {
    @Suite("while it serves") struct ResourceTests {
        /// The thread sanitizer adds a thread to the process.
        static let isThreadSanitized = dlsym(nil, "__tsan_init") != nil

        @Test("it has one thread per loop and no others", .disabled(if: isThreadSanitized))
        func threads() async throws {
            let service = try await Service(try RedisServer(), ["LOOPS": "2"])
            let load = Load(8, on: service.port, key: service.key)
            try await load.minted(200)
            try expect(service.process.threadCount, is: 2)
            await expect(load.finish().problems, is: [])
            try expect(service.process.threadCount, is: 2)
        }

        @Test(
            "each loop stays on its own core, unless LOOPS is set",
            .disabled(if: isThreadSanitized),
            arguments: [[:], ["LOOPS": "2"]]
        )
        func cores(settings: [String: String]) async throws {
            let service = try await Service(try RedisServer(), settings)
            let all = try FunctionProcess.allowedCores(of: "self")
            let threads = try service.process.threadCount
            let expected =
                settings.isEmpty && threads == all.count ? all.map { [$0] } : Array(repeating: all, count: threads)
            try await eventually("the loops are on their cores") {
                try service.process.allowedCores.sorted { $0.lexicographicallyPrecedes($1) } == expected
            }
            try await expect(service.end(), is: 0)
        }

        @Test("it has no more descriptors after load than before")
        func descriptors() async throws {
            let service = try await Service(try RedisServer(), ["LOOPS": "2"])
            try await service.isReady()
            // The descriptors that the first connection to Redis opens stay open.
            let before = try service.process.descriptorCount
            for keepsAlive in [true, false] {
                let load = Load(16, on: service.port, key: service.key, keepsAlive: keepsAlive)
                try await load.minted(200)
                await expect(load.finish().problems, is: [])
            }
            try await eventually("the connections' descriptors are closed") {
                try service.process.descriptorCount <= before
            }
        }

        @Test("it goes on if nobody reads its log")
        func logUnread() async throws {
            let service = try await Service(try RedisServer(), ["LOOPS": "1"])
            let settings = Service.environment(service.redis, ["LOOPS": "1", "LOG_LEVEL": "debug"])
            // The log with the port is not read, so take the port that is free again.
            let port = service.port
            try await expect(service.end(), is: 0)
            let mute = try FunctionProcess(.token, settings.merging(["PORT": "\(port)"]) { $1 }, reads: false)
            let id = String(repeating: "x", count: 128)
            let client = Client(port: port)
            try await eventually("it listens") { (try? await client.ask("/health/liveness").status) == 200 }
            // Far more than the pipe's 64 KiB and the 256 KiB that wait.
            let maxTime = try await maxTime(3000, client, service.key, fields: "x-request-id: \(id)\r\n")
            #expect(maxTime < .seconds(1) + LongRun.margin)
            mute.read()
            try await eventually("the log has the count of lost lines") {
                _ = try await client.ask("/health/liveness")
                return mute.output.contains(#""message":"log lines dropped","count":"#)
            }
            await client.close()
            mute.signal(SIGTERM)
            try await expect(mute.exitCode(), is: 0)
        }

        private func maxTime(_ count: Int, _ client: Client, _ key: String, fields: String) async throws -> Interval {
            var maxTime = Interval.seconds(0)
            for _ in 0..<count {
                let start = Instant.now
                try await expect(client.ask(key: key, fields: fields).status, is: 200)
                maxTime = max(maxTime, Instant.now - start)
            }
            return maxTime
        }

        @Test("even at LOG_LEVEL=debug no part of a key, a token, a query or a password is logged")
        func secrets() async throws {
            let redis = try RedisServer(arguments: ["--requirepass", "hunter2"])
            let key = try await Service.makeKey(redis, password: "hunter2")
            let url = redis.url.description.replacing("unix://", with: "unix://:hunter2@")
            let process = try FunctionProcess(
                .token,
                Service.environment(redis, ["REDIS_URL": url, "LOG_LEVEL": "debug"])
            )
            let client = Client(port: try await process.port())
            var tokens: [String] = []
            try await eventually("tokens are minted") {
                let response = try await client.ask("/api/v1/token?other=shibboleth", key: key)
                tokens += response.token.map { [$0] } ?? []
                return tokens.count == 3
            }
            try await expect(client.ask("/api/v1/token?ttl=shibboleth", key: key).status, is: 400)
            try await expect(client.ask("/elsewhere?shibboleth", key: key).status, is: 404)
            try await expect(client.ask(key: key + "shibboleth").status, is: 401)
            try await expect(client.ask("/health/readiness?shibboleth").status, is: 200)
            redis.kill()
            try await expect(client.ask("/api/v1/token?other=shibboleth", key: key).status, is: 500)
            await client.close()
            process.signal(SIGTERM)
            try await expect(process.exitCode(), is: 0)
            #expect(process.output.contains(#""cause":"#))
            for secret in tokens + [key, String(key.dropFirst(9)), "shibboleth", "hunter2"] {
                #expect(!process.output.contains(secret))
            }
        }
    }
}
