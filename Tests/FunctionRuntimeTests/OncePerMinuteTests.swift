import FunctionEventLoop
import Testing

@testable import FunctionRuntime

@Suite("A recurring event")
struct OncePerMinuteTests {
    @Test("is reported at once, then once a minute with its count")
    func counts() {
        var reports = OncePerMinute()
        let start = Instant(nanoseconds: 1_000)
        #expect(reports.count(at: start) == 1)
        for second in 1..<60 { #expect(reports.count(at: start + .seconds(second)) == nil) }
        #expect(reports.count(at: start + .seconds(60)) == 60)
        #expect(reports.count(at: start + .seconds(61)) == nil)
        #expect(reports.count(at: start + .seconds(1000)) == 2)
    }
}
