import FunctionEventLoop
import Glibc
import Support
import Testing

extension BlackBox {
    @Suite("ending") struct StopTests {
        @Test("under load, every accepted request gets its whole response", arguments: [true, false])
        func underLoad(keepsAlive: Bool) async throws {
            let service = try await Service(try RedisServer(), ["LOOPS": "2"])
            let load = Load(16, on: service.port, key: service.key, keepsAlive: keepsAlive, endsWithServer: true)
            try await load.minted(200)
            try await expect(service.end(), is: 0)
            let result = await load.finish()
            #expect(result.problems == [])
            #expect(result.failed == 0)
        }

        @Test("for DRAIN_SECONDS it still accepts, but closes each connection and is not ready")
        func drains() async throws {
            let service = try await Service(try RedisServer(), ["DRAIN_SECONDS": "1", "LOOPS": "1"])
            let idle = Client(port: service.port)
            try await expect(idle.ask(key: service.key).field("connection"), is: nil)
            let load = Load(8, on: service.port, key: service.key, endsWithServer: true)
            try await load.minted(50)
            service.process.signal(SIGTERM)
            let client = Client(port: service.port)
            try await eventually("it is not ready") { try await client.ask("/health/readiness").status == 503 }
            let late = try await Client(port: service.port).ask(key: service.key)
            #expect(late.status == 200 && late.field("connection") == "close")
            try await expect(idle.ask(key: service.key).field("connection"), is: "close")
            try await expect(service.process.exitCode(), is: 0)
            let result = await load.finish()
            // A response announced each close, so no request can have been lost.
            #expect(result.problems == [])
            #expect(result.closed == 0)
            #expect(result.failed == 0)
        }

        @Test("a second SIGTERM ends it at once")
        func twice() async throws {
            let service = try await Service(try RedisServer(), ["DRAIN_SECONDS": "600"])
            service.process.signal(SIGTERM)
            let client = Client(port: service.port)
            try await eventually("it drains") { try await client.ask("/health/readiness").status == 503 }
            service.process.signal(SIGTERM)
            try await expect(service.process.exitCode(), is: 0)
        }

        @Test("while Redis hangs, requests in flight get a response")
        func whileRedisHangs() async throws {
            let service = try await Service(try RedisServer(), ["REDIS_TIMEOUT_MS": "300", "LOOPS": "1"])
            service.redis.suspend()
            let client = try RawClient(port: service.port)
            try client.sendAtOnce(
                "GET /api/v1/token HTTP/1.1\r\nhost: test\r\nauthorization: Bearer \(service.key)\r\n\r\n"
            )
            // This request arrives after the mint.
            try await expect(Client(port: service.port).ask("/health/liveness").status, is: 200)
            try await expect(service.end(), is: 0)
            #expect(try await client.receiveAll().hasPrefix("HTTP/1.1 500 "))
            service.redis.resume()
        }
    }
}
