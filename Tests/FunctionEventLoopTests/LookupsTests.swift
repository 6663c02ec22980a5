import Glibc
import Support
import Testing

@testable import FunctionEventLoop

@Suite("Lookups of names") struct LookupsTests {
    private static let answer: Lookups.Answer = .success([SocketAddress(ip: "192.0.2.1", port: 0)].compactMap(\.self))

    @Test("simultaneous requests for one name share a lookup, and few names are looked up at a time")
    func shared() {
        var queue = LookupQueue<Int>()
        #expect(queue.add("a", 1).startsWorker)
        #expect(queue.next() == "a")
        #expect(!queue.add("a", 2).startsWorker)
        for number in 0..<20 { _ = queue.add("name \(number)", number) }
        #expect(queue.workers == LookupQueue<Int>.maxWorkers)
        #expect(queue.ended("a") == [1, 2])
        #expect(queue.add("a", 3).ticket != queue.add("a", 4).ticket)
        var names: [String] = []
        while let name = queue.next() {
            names.append(name)
            _ = queue.ended(name)
        }
        #expect(names.count == 21 && Set(names).count == 21)
    }

    @Test("a name without waiters is not looked up")
    func calledOff() {
        var queue = LookupQueue<Int>()
        let ticket = queue.add("a", 1).ticket
        queue.remove(ticket, of: "a")
        #expect(queue.next() == nil)
        #expect(queue.workers == 0)
    }

    @Test("a lookup fails if its thread cannot be started, and the next request tries again")
    func noThread() async throws {
        let refusals = Lock(1)
        let lookups = Lookups { body throws(SystemError) in
            let isRefused = refusals.withLock { left in
                left -= 1
                return left >= 0
            }
            if isRefused { throw SystemError("pthread_create", EAGAIN) }
            try SystemThread.start(body)
        } _: { _ in
            Self.answer
        }
        for isRefused in [true, false] {
            let result = await withUnsafeContinuation { continuation in
                _ = lookups.add("redis.example") { continuation.resume(returning: $0) }
            }
            switch result {
            case .success: #expect(!isRefused)
            case .failure(let failure):
                #expect(isRefused && failure.description.contains("redis.example: Resource temporarily unavailable"))
            }
        }
    }

    @Test("waiting for a lookup that hangs ends at the deadline")
    func deadline() async throws {
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        await #expect(throws: Resolver.Failure.self) {
            try await Resolver.resolve("no-such-name.invalid", port: 1, on: loop, until: .now)
        }
    }
}
