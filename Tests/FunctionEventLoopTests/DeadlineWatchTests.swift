import FunctionEventLoop
import Support
import Testing

@Suite("A watch over deadlines")
struct DeadlineWatchTests {
    @Test("calls back once for each deadline that has passed, in order, and for none that was met")
    func passed() async throws {
        let passed = Lock<[Int]>([])
        let watch = try DeadlineWatch { number in passed.withLock { $0.append(number) } }
        watch.watch(1, until: .now + .milliseconds(60))
        watch.watch(2, until: .now + .milliseconds(20))
        watch.watch(3, until: .now + .milliseconds(30))
        watch.unwatch(3)
        watch.watch(4, until: .forever)
        #expect(await waitUntil { passed.withLock { $0.count } == 2 })
        watch.watch(5, until: .now)
        #expect(await waitUntil { passed.withLock { $0.count } == 3 })
        #expect(passed.withLock { $0 } == [2, 1, 5])
    }

    @Test("the latest deadline of a number replaces earlier ones")
    func moved() async throws {
        let passed = Lock<[Instant]>([])
        let watch = try DeadlineWatch { _ in passed.withLock { $0.append(.now) } }
        let start = Instant.now
        watch.watch(1, until: start + .milliseconds(10))
        watch.watch(1, until: start + .milliseconds(50))
        #expect(await waitUntil { passed.withLock { !$0.isEmpty } })
        #expect(passed.withLock { $0[0] } >= start + .milliseconds(50))
    }
}
