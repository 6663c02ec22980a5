import Support
import Testing

@testable import StreamTokens

@Suite("The sliding window")
struct RateCounterTests {
    private let limit = RateLimit(limit: 10, window: 1000)

    @Test("a window allows as many requests as the limit, and returns when the next is allowed")
    func oneWindow() {
        var counter = RateCounter()
        counter.advance(to: 5000, limit)
        for remaining in stride(from: 9, through: 1, by: -1) {
            counter.add(1)
            #expect(counter.rate(at: 5000, limit) == Rate(limit: 10, remaining: remaining, retryAfter: 0))
        }
        counter.add(1)
        // The next window begins at 6000; after a tenth of it, only nine of the ten still count.
        #expect(counter.rate(at: 5000, limit) == Rate(limit: 10, remaining: 0, retryAfter: 1100))
    }

    @Test(
        "the previous window counts by the share that still lies inside",
        arguments: [(6000, 0), (6099, 0), (6100, 1), (6500, 5), (6501, 5), (6999, 9), (7000, 10), (9000, 10)]
    )
    func weight(now: Int, remaining: Int) {
        var counter = RateCounter()
        counter.advance(to: 5999, limit)
        counter.add(10)
        counter.advance(to: now, limit)
        #expect(counter.rate(at: now, limit).remaining == remaining)
    }

    @Test("a second that begins late in one window allows nearly twice the limit")
    func twice() {
        var counter = RateCounter()
        var passed = 0
        for now in [5999, 6998] {
            counter.advance(to: now, limit)
            while counter.rate(at: now, limit).remaining > 0 {
                counter.add(1)
                passed += 1
            }
        }
        #expect(passed == 19)
    }

    @Test("after the clock was set back, counting starts again")
    func setBack() {
        var counter = RateCounter()
        counter.advance(to: 5000, limit)
        counter.add(10)
        counter.advance(to: 4999, limit)
        #expect(counter.rate(at: 4999, limit).remaining == 10)
    }

    @Test("a request is allowed at the returned time, and not a millisecond before")
    func waitIsExact() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            let limit = RateLimit(
                limit: .random(in: 1...12, using: &random),
                window: .random(in: 1...70, using: &random)
            )
            var now = Int.random(in: 1000...2000, using: &random)
            var counter = RateCounter()
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                counter.advance(to: now, limit)
                counter.add(.random(in: 0...limit.limit + 2, using: &random))
                now += Int.random(in: 0...limit.window * 2, using: &random)
            }
            counter.advance(to: now, limit)
            let wait = counter.rate(at: now, limit).retryAfter
            for time in now...now + wait {
                var later = counter
                later.advance(to: time, limit)
                let rate = later.rate(at: time, limit)
                #expect((rate.remaining > 0) == (time == now + wait), "\(limit) at \(time) of \(now) + \(wait)")
                #expect(rate.retryAfter == now + wait - time)
            }
        }
    }

    @Test("no interval of a window's length allows twice the limit")
    func neverOverLimit() {
        var random = SeededGenerator(seed: 4)
        var counter = RateCounter()
        var now = 10_000
        var passed: [Int] = []
        for _ in 0..<5000 {
            now += Int.random(in: 0...120, using: &random)
            counter.advance(to: now, limit)
            guard counter.rate(at: now, limit).remaining > 0 else { continue }
            counter.add(1)
            passed.append(now)
        }
        for (index, time) in passed.enumerated() {
            let inside = passed[index...].prefix { $0 < time + limit.window }.count
            #expect(inside < 2 * limit.limit)
        }
        #expect(passed.count > 1000)
    }
}
