import Foundation
import FunctionEventLoop
import Glibc
import Support
import Testing

extension BlackBox {
    @Suite("with clients that make it wait") struct RoomTests {
        /// Connections that have sent `text` and wait.
        private func hold(_ count: Int, on port: UInt16, _ text: String) async throws -> [RawClient] {
            var clients: [RawClient] = []
            for _ in 0..<count {
                let client = try RawClient(port: port)
                try client.sendAtOnce(text)
                clients.append(client)
            }
            return clients
        }

        /// The status of liveness. The limit is shorter than the 30 seconds after which bodies are overdue, because that
        /// would make room too.
        private func liveness(_ port: UInt16, within limit: Interval = .seconds(25)) async throws -> Int {
            let client = Client(port: port)
            let status = try await client.ask("/health/liveness", within: limit).status
            await client.close()
            return status
        }

        private func post(_ token: String, _ length: Int) -> String {
            "POST /api/v1/run/echo/stream?token=\(token) HTTP/1.1\r\nhost: test\r\ncontent-length: \(length)\r\n\r\n"
        }

        /// The caps are for the whole process; each loop has its share.
        @Test(
            "1,200 bodies that never come do not stop health checks or streams, and the first of them is refused",
            arguments: [1, 4]
        )
        func bodies(loops: Int) async throws {
            let service = try await StreamService(try RedisServer(), ["METRICS_PORT": "0", "LOOPS": "\(loops)"])
            let held = try await hold(1200, on: service.port, post(service.organization.mint(), 1000))
            try await expect(liveness(service.port), is: 200)
            try await service.isReady()
            let response = try await service.open(service.organization.mint())
            #expect(response.status == 200)
            let scrape = try await Scrape(of: service.process)
            let waiting = try #require(scrape["bodies_waiting"])
            #expect(scrape["bodies_evicted_total{cap=\"count\"}"] == 1200 - waiting)
            // Several loops do not get the same number of connections each.
            #expect(loops == 1 ? waiting == 1024 : waiting <= 1024)
            guard loops == 1 else { return }
            #expect(try await held[0].receive(through: "}").contains(#""code":"request_timeout""#))
        }

        @Test("200 bodies of a megabyte without their last bytes take no more memory than the limit for bodies")
        func memory() async throws {
            let service = try await StreamService(try RedisServer(), ["METRICS_PORT": "0"])
            let token = try await service.organization.mint()
            try await expect(service.open(service.organization.mint()).status, is: 200)
            let before = try service.process.peakMemory
            let body = [UInt8](repeating: UInt8(ascii: " "), count: 999_000)
            var held: [RawClient] = []
            for _ in 0..<200 {
                let client = try RawClient(port: service.port)
                try await client.send(post(token, 1_000_000))
                try await client.send(body)
                held.append(client)
            }
            try await eventually("the last bodies have come") {
                try await Scrape(of: service.process)["body_bytes"] == 67 * 999_000
            }
            try await expect(Scrape(of: service.process)["bodies_evicted_total{cap=\"bytes\"}"], is: 133)
            // Read buffers and bodies of requests that are being refused come on top.
            if !StreamBlackBox.StreamMemoryTests.isSanitized {
                let growth = try service.process.peakMemory - before
                #expect(growth < (64 + 16) << 20)
            }
            withExtendedLifetime(held) {}
        }

        @Test("a large body with a used token gets 401 instead of 100")
        func used() async throws {
            let service = try await StreamService(try RedisServer())
            let token = try await service.organization.mint()
            try await expect(service.open(token).status, is: 200)
            let client = try RawClient(port: service.port)
            try await client.send(
                "POST /api/v1/run/echo/stream?token=\(token) HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\n"
                    + "content-length: 5000\r\n\r\n"
            )
            #expect(try await client.receiveAll().hasPrefix("HTTP/1.1 401 "))
        }

        @Test("with few descriptors, idle clients make room for a stream and its workflow")
        func descriptors() async throws {
            let response = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi"
            try await ScriptedServer.run({ _ in [.request, .text(response)] }) { workflow in
                let service = try await StreamService(
                    try RedisServer(),
                    ["WORKFLOW_URL": "http://127.0.0.1:\(workflow.port)"],
                    descriptors: 256
                )
                let idle = try await hold(400, on: service.port, "")
                try await expect(liveness(service.port), is: 200)
                let response = try await service.open(service.organization.mint())
                #expect(response.status == 200 && response.body == "hi")
                try expect(service.process.descriptorCount, in: ..<256)
                withExtendedLifetime(idle) {}
            }
        }

        @Test("if descriptors run short below the cap on connections, idle clients make room")
        func shortage() async throws {
            let service = try await StreamService(try RedisServer(), ["METRICS_PORT": "0"])
            let limit = Process()
            limit.executableURL = URL(fileURLWithPath: "/usr/bin/prlimit")
            let maxCount = try service.process.descriptorCount + 8
            limit.arguments = ["--pid", "\(service.process.id)", "--nofile=\(maxCount):\(maxCount)"]
            try limit.run()
            limit.waitUntilExit()
            #expect(limit.terminationStatus == 0)
            let idle = try await hold(40, on: service.port, "")
            for _ in 0..<3 { try await expect(liveness(service.port), is: 200) }
            try await expect(service.open(service.organization.mint()).status, is: 200)
            let scrape = try await Scrape(of: service.process)
            try expect(#require(scrape["descriptor_shortages_total"]), in: 1...)
            // Others may still wait to be accepted.
            try expect(#require(scrape["connections_evicted_total{was=\"idle\"}"]), in: 1...)
            // The log reports any number of shortages in the first minute once.
            let lines = service.process.output.split(separator: "\n").filter {
                $0.contains("cannot accept connections")
            }
            #expect(lines.count == 1 && lines[0].contains(#""cause":"accept4: Too many open files","times":1}"#))
            withExtendedLifetime(idle) {}
        }

        @Test("unfinished heads do not delay liveness, up to the cap on connections and beyond")
        func heads() async throws {
            let cap = LongRun.isOn ? 16_384 : 512
            let service = try await StreamService(
                try RedisServer(),
                ["MAX_CONNECTIONS": "\(cap)", "METRICS_PORT": "0"]
            )
            let start = Instant.now
            let held = try await hold(cap + 200, on: service.port, "GET / HTTP/1.1\r\nhost:")
            try await expect(liveness(service.port, within: .seconds(60)), is: 200)
            // After 10 seconds the first heads are overdue, and their connections close anyway.
            if Instant.now - start < .seconds(10) {
                let scrape = try await Scrape(of: service.process)
                try expect(#require(scrape["connections_evicted_total{was=\"slow\"}"]), in: 1...)
            }
            try await expect(service.open(service.organization.mint()).status, is: 200)
            #expect(try await held[0].receiveAll().hasPrefix("HTTP/1.1 408 "))
        }

        @Test("more mints than MAX_REQUESTS, all waiting for Redis, do not stop liveness")
        func mints() async throws {
            let redis = try RedisServer()
            let service = try await Service(
                redis,
                ["LOOPS": "1", "MAX_REQUESTS": "8", "REDIS_TIMEOUT_MS": "8000"]
            )
            redis.suspend()
            defer { redis.resume() }
            let request = "GET /api/v1/token HTTP/1.1\r\nhost: test\r\nauthorization: Bearer \(service.key)\r\n\r\n"
            let held = try await hold(20, on: service.port, request)
            #expect(try await held[19].receive(through: "}").contains("overloaded"))
            try await expect(liveness(service.port), is: 200)
        }
    }
}
