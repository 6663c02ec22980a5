import FunctionEventLoop
import Support
import Testing

@Suite("A loop's clock")
struct LoopClockTests {
    private func onLoop(_ body: @escaping @Sendable (EventLoop) async -> Void) async throws {
        let loop = try EventLoop()
        loop.runOnNewThread()
        await loop.start { await body(loop) }.value
        loop.stop()
    }

    @Test("sleeps for the given time and stays on its loop")
    func sleeps() async throws {
        try await onLoop { loop in
            let clock: any Clock<Duration> = LoopClock(loop)
            let start = Instant.now
            try? await clock.sleep(for: .milliseconds(20))
            #expect(Instant.now - start >= .milliseconds(20))
            #expect(loop.isCurrent)
        }
    }

    @Test("wakes at once when its task is cancelled, before or during the sleep", arguments: [true, false])
    func cancelled(isBefore: Bool) async throws {
        try await onLoop { loop in
            let clock = LoopClock(loop)
            let outcome = Lock<Bool?>(nil)
            let task = loop.start {
                let result: Void? = try? await clock.sleep(for: .seconds(3600))
                outcome.withLock { $0 = result == nil }
            }
            if !isBefore { await loop.sleep(until: .now + .milliseconds(5)) }
            task.cancel()
            await task.value
            #expect(outcome.withLock { $0 } == true)
        }
    }

    @Test("can be cancelled from another thread")
    func otherThread() async throws {
        let loop = try EventLoop()
        loop.runOnNewThread()
        let task = loop.start { try? await LoopClock(loop).sleep(for: .seconds(3600)) }
        task.cancel()
        await task.value
        loop.stop()
    }

    @Test("durations become intervals, clamped if they do not fit")
    func durations() {
        #expect(Interval(.milliseconds(1500)) == .milliseconds(1500))
        #expect(Interval(.nanoseconds(-1)).nanoseconds == -1)
        #expect(Interval(.seconds(Int64.max)).nanoseconds == .max)
        #expect(Instant(nanoseconds: 5).advanced(by: .seconds(Int64.max)).nanoseconds == .max)
        #expect(Instant(nanoseconds: 5).duration(to: Instant(nanoseconds: 7)) == .nanoseconds(2))
    }
}
