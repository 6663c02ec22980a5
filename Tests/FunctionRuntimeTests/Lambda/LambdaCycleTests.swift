import FunctionCore
import FunctionEventLoop
import Testing

@testable import FunctionRuntime

@Suite("An asker of the Runtime API")
struct LambdaCycleTests {
    private static let accepted = Status(202)
    private static let now = LambdaCycle.Action.ask(after: .seconds(0))

    /// One that has got an event.
    private func answering() -> LambdaCycle {
        var cycle = LambdaCycle()
        #expect(cycle.asked(.ok, isEvent: true) == .answer)
        return cycle
    }

    @Test("answers an event, and asks for the next one once the answer is posted")
    func answers() {
        var cycle = answering()
        #expect(cycle.posted(Self.accepted) == Self.now)
        #expect(cycle.asked(.ok, isEvent: true) == .answer)
    }

    @Test("asks again where there is no event: at once, then after pauses of up to a second, without end")
    func noContent() {
        var cycle = LambdaCycle()
        #expect(cycle.asked(.noContent, isEvent: false) == Self.now)
        #expect(cycle.asked(.noContent, isEvent: false) == .ask(after: .milliseconds(10)))
        for _ in 1...100 { _ = cycle.asked(.noContent, isEvent: false) }
        #expect(cycle.asked(.noContent, isEvent: false) == .ask(after: .seconds(1)))
    }

    @Test("asks again after pauses where asking fails, and gives up after ten failures in a row")
    func failures() {
        var cycle = answering()
        _ = cycle.posted(Self.accepted)
        var pauses: [Int] = []
        while case .ask(let pause) = cycle.askingFailed() { pauses.append(pause.milliseconds) }
        #expect(pauses == [10, 20, 40, 80, 160, 320, 640, 1000, 1000])
        #expect(cycle.askingFailed() == .end(.stopped))
    }

    @Test("tells an API that was never reached from one that was lost")
    func ends() {
        var never = LambdaCycle()
        var lost = LambdaCycle()
        _ = lost.asked(.noContent, isEvent: false)
        for _ in 1..<LambdaCycle.maxFailures {
            _ = never.askingFailed()
            _ = lost.askingFailed()
        }
        #expect(never.askingFailed() == .end(.unreachable))
        #expect(lost.askingFailed() == .end(.lost))
        #expect(LambdaCycle.End.unreachable.code == 3)
        #expect(LambdaCycle.End.lost.code == 4)
    }

    @Test(
        "takes what is no event for a failure",
        arguments: [(200, false), (400, false), (403, false), (503, false), (302, true)]
    )
    func noEvent(status: Int, isEvent: Bool) {
        var cycle = LambdaCycle()
        #expect(cycle.asked(Status(status), isEvent: isEvent) == .ask(after: .milliseconds(10)))
    }

    @Test("an event ends a row of failures")
    func recovery() {
        var cycle = LambdaCycle()
        for _ in 1...5 { _ = cycle.askingFailed() }
        _ = cycle.asked(.ok, isEvent: true)
        _ = cycle.posted(Self.accepted)
        #expect(cycle.askingFailed() == .ask(after: .milliseconds(10)))
    }

    @Test("ends where the API says 500, whatever it was asked")
    func broken() {
        var cycle = LambdaCycle()
        #expect(cycle.asked(.internalServerError, isEvent: false) == .end(.broken))
        var posting = answering()
        #expect(posting.posted(.internalServerError) == .end(.broken))
        #expect(LambdaCycle.End.broken.code == 4)
    }

    @Test("goes on where its answer is refused, or lost", arguments: [400, 403, 404, 429, 503])
    func refused(status: Int) {
        var cycle = answering()
        #expect(cycle.posted(Status(status)) == Self.now)
        cycle = answering()
        #expect(cycle.postingFailed() == Self.now)
    }

    @Test("posts another answer where the first one is too large, once")
    func tooLarge() {
        var cycle = answering()
        #expect(cycle.posted(.contentTooLarge) == .excuse)
        #expect(cycle.posted(.contentTooLarge) == Self.now)
        cycle = answering()
        #expect(cycle.posted(.contentTooLarge, isReplaceable: false) == Self.now)
    }

    @Test("that is stopped brings the answer under way to its end, and asks no more")
    func stop() {
        var cycle = answering()
        cycle.stop()
        #expect(cycle.posted(.contentTooLarge) == .excuse)
        #expect(cycle.posted(Self.accepted) == .end(.stopped))
        var settling = answering()
        let action = settling.posted(Self.accepted)
        #expect(settling.settled(action) == Self.now)
        settling.stop()
        #expect(settling.settled(action) == .end(.stopped))
        var asking = LambdaCycle()
        asking.stop()
        #expect(asking.askingFailed() == .end(.stopped))
        var answered = LambdaCycle()
        answered.stop()
        #expect(answered.asked(.ok, isEvent: true) == .answer)
        #expect(LambdaCycle.End.stopped.code == 0)
    }
}
