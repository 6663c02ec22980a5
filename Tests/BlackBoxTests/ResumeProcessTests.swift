import FunctionEventLoop
import FunctionRedis
import Glibc
import StreamTokens
import Support
import Testing

extension StreamBlackBox {
    @Suite("streams that are resumed") struct ResumeProcessTests {
        private static let settings = ["STREAM_RESUME_SECONDS": "60", "LOOPS": "2", "METRICS_PORT": "0"]

        /// Two stream functions on one Redis, and a stream of the first one.
        private struct Pair {
            let first: StreamService
            let second: FunctionProcess
            let secondPort: UInt16
            let token: String
            let request: StreamRequest

            /// Starts both. The stream counts to `end`, a number each `interval` milliseconds.
            init(to end: Int, every interval: Int, _ settings: [String: String] = [:]) async throws {
                let settings = ResumeProcessTests.settings.merging(settings) { $1 }
                let redis = try RedisServer()
                first = try await StreamService(redis, credits: 1, settings)
                second = try FunctionProcess(.stream, Service.environment(redis, settings))
                secondPort = try await second.port()
                token = try await first.organization.mint()
                request = StreamRequest.count(to: end, every: interval).events
            }

            /// Opens the stream, and reads it up to that number.
            func open(through number: Int) async throws -> StreamClient {
                let client = StreamClient(port: first.port)
                try await client.send(request.text(token))
                try await client.receive(through: "data: \(number)\ndata: \n\n")
                return client
            }

            /// Asks for what follows an id.
            func resume(after id: String, at port: UInt16) async throws -> StreamClient {
                let client = StreamClient(port: port)
                var request = request
                request.fields = "last-event-id: \(id)\r\n"
                request.variables = ""
                try await client.send(request.text(token))
                return client
            }

            /// The number of the last event in the log.
            var lastLogged: Int {
                get async throws {
                    let client = RedisClient(first.redis.url, on: testLoop, timeout: .seconds(30))
                    guard case .array(let names) = try await client.perform(RedisCommand("KEYS", "st:*:log:*")),
                        let name = names.first?.text
                    else { return 0 }
                    let newest = RedisCommand("XREVRANGE", name, "1-9999999999", "-", "COUNT", "1")
                    let reply = try await client.perform(newest)
                    await client.close()
                    guard case .array(let entries) = reply, case .array(let parts)? = entries.first,
                        let id = parts.first?.text
                    else { return 0 }
                    return Int(id.dropFirst(2)) ?? 0
                }
            }

            var balance: Balance { get async throws { try await first.organization.balance } }
        }

        /// The last id of a cursor in what a client has received, and its number.
        private func lastID(in text: String) throws -> (id: String, number: Int) {
            let match = try #require(text.matches(of: /id: (;([0-9]+)\.[A-Za-z0-9_-]{22})\n/).last)
            return (String(match.1), try #require(Int(match.2)))
        }

        /// The numbers that a client has received.
        private func numbers(in text: String) -> [Int] {
            text.matches(of: /data: ([0-9]+)\ndata: \n/).compactMap { Int($0.1) }
        }

        @Test("go on in another process or on another loop, without a second run or charge")
        func elsewhere() async throws {
            let pair = try await Pair(to: 60, every: 100)
            let client = try await pair.open(through: 3)
            var (id, number) = try lastID(in: await client.text)
            await client.close()
            var received = Array(1...number)
            // Several times on each side; the kernel chooses the loop.
            for (index, port) in [pair.secondPort, pair.first.port, pair.secondPort, pair.first.port].enumerated() {
                let next = try await pair.resume(after: id, at: port)
                try await next.receive(through: "data: \(number + 5)\ndata: \n\n")
                let text = await next.text
                await next.close()
                (id, number) = try lastID(in: text)
                received += numbers(in: text).filter { $0 <= number }
                #expect(received == Array(1...number), "after \(index)")
            }
            let last = try await pair.resume(after: id, at: pair.secondPort).response()
            #expect(last.status == 200 && last.isWhole)
            received += numbers(in: last.body)
            #expect(received == Array(1...60))
            #expect(last.body.hasSuffix("id: ;end\nevent: done\ndata: {}\n\n"))
            try await expect(pair.balance, is: Balance(credits: 0))
        }

        @Test("tell an earlier reader in another process that the stream was resumed elsewhere")
        func latest() async throws {
            let pair = try await Pair(to: 300, every: 100)
            let first = try await pair.open(through: 2)
            let (id, _) = try lastID(in: await first.text)
            let second = try await pair.resume(after: id, at: pair.secondPort)
            try await first.receive(through: #""code":"resumed_elsewhere""#, within: .seconds(10))
            let third = try await pair.resume(after: id, at: pair.first.port)
            try await second.receive(through: #""code":"resumed_elsewhere""#, within: .seconds(10))
            try await third.receive(through: "data: 40\n")
            for client in [first, second, third] { await client.close() }
        }

        @Test("end with stream_lost where their function was killed; the credit stays charged")
        func killed() async throws {
            let pair = try await Pair(to: 3000, every: 100)
            let client = try await pair.open(through: 3)
            let (id, number) = try lastID(in: await client.text)
            try await pair.first.process.kill()
            let next = try await pair.resume(after: id, at: pair.secondPort)
            try await next.receive(through: #""code":"stream_lost""#, within: .seconds(40))
            let text = await next.text
            #expect(text.contains("id: ;end\n"))
            // What was in the log came first, in order.
            let rest = numbers(in: text)
            #expect(rest == Array((number + 1)..<(number + 1 + rest.count)))
            try await expect(pair.balance.credits, is: 0)
            await client.close()
            await next.close()
        }

        @Test("get nothing more from a function that slept through its lease")
        func slept() async throws {
            let pair = try await Pair(to: 3000, every: 100)
            let client = try await pair.open(through: 3)
            let (id, _) = try lastID(in: await client.text)
            pair.first.process.signal(SIGSTOP)
            let next = try await pair.resume(after: id, at: pair.secondPort)
            try await next.receive(through: #""code":"stream_lost""#, within: .seconds(40))
            await next.close()
            let before = try await pair.lastLogged
            pair.first.process.signal(SIGCONT)
            // It learns that the run is no longer its own, and ends it once its reader leaves.
            try await client.receive(through: "data: \(before + 20)\n", within: .seconds(30))
            let lines = await client.text.split(separator: "\n\n")
            #expect(lines.last { $0.contains("data: ") }?.contains("id: ") == false)
            await client.close()
            try await eventually("the run ends") {
                try await Scrape(of: pair.first.process)["streams_open"] == 0
            }
            try await expect(pair.lastLogged, is: before)
        }

        @Test("go on without a reader after SIGTERM, until GRACE_SECONDS are over", arguments: [20, 1])
        func drained(grace: Int) async throws {
            let pair = try await Pair(to: 50, every: 100, ["GRACE_SECONDS": "\(grace)"])
            let client = try await pair.open(through: 3)
            let (id, number) = try lastID(in: await client.text)
            await client.close()
            pair.first.process.signal(SIGTERM)
            try await expect(pair.first.process.exitCode(), is: 0)
            let rest = try await pair.resume(after: id, at: pair.secondPort).response()
            let received = numbers(in: rest.body)
            if grace == 20 {
                #expect(received == Array((number + 1)...50))
                #expect(rest.body.hasSuffix("event: done\ndata: {}\n\n"))
            } else {
                #expect(received == Array((number + 1)..<(number + 1 + received.count)))
                #expect(rest.body.contains(#""code":"stream_interrupted""#))
            }
            try await expect(pair.balance, is: Balance(credits: 0))
        }

        @Test("are stopped while their workflow is silent, here and in another process", arguments: [0, 1])
        func stopped(elsewhere: Int) async throws {
            let closed = Gate()
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\ndata: \n\n"
            try await ScriptedServer.run({ _ in [.request, .text(head), .untilClosed(closed)] }) { workflow in
                let pair = try await Pair(to: 1, every: 0, ["WORKFLOW_URL": "http://127.0.0.1:\(workflow.port)"])
                let client = try await pair.open(through: 1)
                let (id, _) = try lastID(in: await client.text)
                let other = StreamClient(port: elsewhere == 0 ? pair.first.port : pair.secondPort)
                var request = pair.request
                request.fields = "last-event-id: \(id)\r\n"
                let text = request.text(pair.token).replacing("POST ", with: "DELETE ", maxReplacements: 1)
                try await other.send(text)
                try await other.receive(through: "HTTP/1.1 204 ")
                try await client.receive(through: #""code":"stopped""#, within: .seconds(10))
                #expect(await closed.opened())
                for client in [client, other] { await client.close() }
            }
        }

        @Test("go on without ids while Redis is away or full, and end", arguments: ["away", "full"])
        func faults(what: String) async throws {
            let pair = try await Pair(to: 40, every: 100, ["REDIS_TIMEOUT_MS": "300"])
            let client = try await pair.open(through: 5)
            if what == "away" {
                pair.first.redis.kill()
            } else {
                let redis = RedisClient(pair.first.redis.url, on: testLoop, timeout: .seconds(30))
                _ = try await redis.perform(RedisCommand("CONFIG", "SET", "maxmemory", "1"))
                await redis.close()
            }
            let response = try await client.response()
            #expect(response.isWhole)
            #expect(numbers(in: response.body) == Array(1...40))
            let (_, number) = try lastID(in: response.body)
            expect(number, in: 5..<20)
            #expect(response.body.hasSuffix("id: ;end\nevent: done\ndata: {}\n\n"))
        }
    }
}
