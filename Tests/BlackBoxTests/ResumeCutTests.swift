import FunctionEventLoop
import FunctionRedis
import StreamTokens
import Support
import Testing

extension StreamBlackBox {
    @Suite("streams whose lines are lost again and again") struct ResumeCutTests {
        private static let settings = ["STREAM_RESUME_SECONDS": "60", "LOOPS": "2"]
        /// The numbers that each stream counts, one each 20 ms.
        private static let last = 30
        /// How often each line is lost.
        private static let cuts = 5
        /// The streams at once: fewer than an organization may have.
        private static let width = 64

        @Test("arrive whole and once, with one run and one charge each, from either of two processes")
        func cuts() async throws {
            let count = LongRun.isOn ? 10_000 : 1000
            let redis = try RedisServer()
            let service = try await StreamService(redis, credits: count, Self.settings)
            let second = try FunctionProcess(.stream, Service.environment(redis, Self.settings))
            let ports = [service.port, try await second.port()]
            // Its own, so that it does not delay other tests.
            let loop = try EventLoop()
            loop.runOnNewThread()
            defer { loop.stop() }
            let next = Lock(0)
            let faults = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<Self.width {
                    group.addTask {
                        var faults: [String] = []
                        while let index = Self.take(next, before: count) {
                            let token = try await service.organization.mint()
                            let reader = CutReader(token, ports, on: loop, seed: UInt64(index))
                            if let fault = try await reader.fault(cuts: Self.cuts, last: Self.last) {
                                faults.append("stream \(index): \(fault)")
                            }
                        }
                        return faults
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(faults == [])
            // Each stream has charged one credit.
            try await eventually("all streams have left the count") {
                try await service.organization.balance == Balance(credits: 0)
            }
            try await expect(immortalNames(in: redis), is: [])
        }

        private static func take(_ next: Lock<Int>, before end: Int) -> Int? {
            next.withLock { next in
                guard next < end else { return nil }
                next += 1
                return next
            }
        }

        /// The names of runs, logs and tokens that would never expire.
        private func immortalNames(in redis: RedisServer) async throws -> [String] {
            let client = RedisClient(redis.url, on: testLoop, timeout: .seconds(30))
            let script = """
                local found = {}
                for _, name in ipairs(redis.call('KEYS', 'st:*')) do
                    if string.find(name, '}:[rlt]%w+:') and redis.call('PTTL', name) == -1 then found[#found + 1] = name end
                end
                return found
                """
            let reply = try await client.perform(RedisCommand("EVAL", script, "0"))
            await client.close()
            guard case .array(let names) = reply else { throw Unmet(description: "no names") }
            return names.compactMap(\.text)
        }
    }
}

/// Reads one stream, and loses its line at random places; resumes it at random in one of several processes.
private struct CutReader {
    private let token: String
    private let ports: [UInt16]
    private let loop: EventLoop
    private let seed: UInt64

    init(_ token: String, _ ports: [UInt16], on loop: EventLoop, seed: UInt64) {
        self.token = token
        self.ports = ports
        self.loop = loop
        self.seed = seed
    }

    /// What was wrong with the stream; nil if all of it came once and in order.
    func fault(cuts: Int, last: Int) async throws -> String? {
        var random = SeededGenerator(seed: seed)
        var request = StreamRequest.count(to: last, every: 20).events
        var received: [Int] = []
        var id: String?
        for cut in 0...cuts {
            let client = StreamClient(port: ports.randomElement(using: &random) ?? 0, on: loop)
            if let id {
                request.fields = "last-event-id: \(id)\r\n"
                request.variables = ""
            }
            try await client.send(request.text(token))
            let have = received.last ?? 0
            // The first line is lost before its first event now and then.
            let end = cut == cuts ? nil : Int.random(in: (id == nil ? 0 : have)...last, using: &random)
            try await client.receive(through: Self.text(through: end, after: have, isResumed: id != nil))
            let text = await client.text
            await client.close()
            guard text.hasPrefix("HTTP/1.1 200 ") else { return "after \(id ?? "nothing"): \(text.prefix(200))" }
            for match in text.matches(of: /id: (;[0-9]+\.[A-Za-z0-9_-]{22})\n(?:data: ([0-9]+)\ndata: )?\n/) {
                id = String(match.1)
                if let number = match.2.flatMap({ Int($0) }) { received.append(number) }
            }
            if text.contains("event: error") { return "ended early: \(text.suffix(200))" }
            if text.contains("event: done\ndata: {}\n\n") { break }
        }
        return received == Array(1...last) ? nil : "received \(received)"
    }

    /// What a line has got when it is lost at that number; nil is the stream's end.
    private static func text(through end: Int?, after have: Int, isResumed: Bool) -> String {
        guard let end else { return "event: done\ndata: {}\n\n" }
        // A resumed stream begins with a comment.
        guard end > have else { return isResumed ? "\n:\n\n" : "\nretry: 1000\n\n" }
        return "data: \(end)\ndata: \n\n"
    }
}
