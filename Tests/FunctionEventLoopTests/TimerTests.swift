import Support
import Testing

@testable import FunctionEventLoop

@Suite("A timer")
struct TimerTests {
    @Test("fires once its deadline has passed")
    func fires() async throws {
        let fired = try await onLoop { loop in
            let start = Instant.now
            let deadline = loop.now + .milliseconds(5)
            await loop.sleep(until: deadline)
            return Instant.now >= deadline && Instant.now - start < .seconds(5)
        }
        #expect(fired)
    }

    @Test("follows its deadline when that is moved later or earlier, or removed")
    func moves() async throws {
        try await onLoop { loop in
            let log = Events(loop)
            await log.schedule()
            await loop.sleep(until: loop.now + .milliseconds(60))
            await expect(log.events, is: ["earlier", "later"])
        }
    }

    @Test("queue returns deadlines in order, whatever order they were added in", arguments: 0..<20)
    func queueIsOrdered(seed: Int) async throws {
        let loop = try EventLoop()
        var generator = Generator(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1)
        var queue = TimerQueue()
        var expected: [Int64] = []
        var actual: [Int64] = []
        for _ in 0..<500 {
            if generator.next() % 3 > 0 {
                let deadline = Int64(generator.next() % 1000)
                queue.insert(Timer(on: loop) {}, at: Instant(nanoseconds: deadline))
                expected.append(deadline)
            } else if let due = queue.popDue(at: Instant(nanoseconds: .max)) {
                let least = try #require(expected.min())
                expected.remove(at: try #require(expected.firstIndex(of: least)))
                #expect(due.deadline.nanoseconds == least)
            }
        }
        while let due = queue.popDue(at: Instant(nanoseconds: .max)) { actual.append(due.deadline.nanoseconds) }
        #expect(actual == expected.sorted())
    }

    @Test(
        "queue makes epoll wait until the next deadline, rounded up, or without end if there is none",
        arguments: [(Int64(-5), Int32(0)), (0, 0), (1, 1), (1_000_000, 1), (1_000_001, 2), (.max / 2, .max)]
    )
    func waits(nanoseconds: Int64, milliseconds: Int32) throws {
        let loop = try EventLoop()
        var queue = TimerQueue()
        let now = Instant(nanoseconds: 1000)
        #expect(queue.millisecondsToNext(from: now) == -1)
        queue.insert(Timer(on: loop) {}, at: now + Interval(nanoseconds: nanoseconds))
        #expect(queue.millisecondsToNext(from: now) == milliseconds)
    }
}

private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

private actor Events {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    private(set) var events: [String] = []
    private var timers: [Timer] = []

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    func schedule() {
        let now = loop.now
        let later = timer("later")
        later.deadline = now + .milliseconds(1)
        later.deadline = now + .milliseconds(40)
        let earlier = timer("earlier")
        earlier.deadline = now + .seconds(100)
        earlier.deadline = now + .milliseconds(2)
        let never = timer("never")
        never.deadline = now + .milliseconds(2)
        never.deadline = nil
        let cancelled = timer("cancelled")
        cancelled.deadline = now + .milliseconds(2)
        cancelled.cancel()
        timers = [later, earlier, never, cancelled]
    }

    private func timer(_ name: String) -> Timer {
        Timer(on: loop) { self.assumeIsolated { $0.events.append(name) } }
    }
}
