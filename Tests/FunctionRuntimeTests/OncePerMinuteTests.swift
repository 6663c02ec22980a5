import FunctionEventLoop
import Testing

@testable import FunctionRuntime

@Suite("What comes again and again")
struct OncePerMinuteTests {
    @Test("is told at once, then once a minute with how often it has come")
    func counts() {
        var told = OncePerMinute()
        let start = Instant(nanoseconds: 1_000)
        #expect(told.count(at: start) == 1)
        for second in 1..<60 { #expect(told.count(at: start + .seconds(second)) == nil) }
        #expect(told.count(at: start + .seconds(60)) == 60)
        #expect(told.count(at: start + .seconds(61)) == nil)
        #expect(told.count(at: start + .seconds(1000)) == 2)
    }
}
