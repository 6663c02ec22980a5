import FunctionCore
import FunctionEventLoop
import Testing

@testable import FunctionRuntime

@Suite("The cycle of polls and responses")
struct LambdaCycleTests {
    private static let accepted = Status(202)
    private static let now = LambdaCycle.Action.ask(after: .seconds(0))

    /// A cycle that has received an event.
    private func responding() -> LambdaCycle {
        var cycle = LambdaCycle()
        #expect(cycle.asked(.ok, isEvent: true) == .respond)
        return cycle
    }

    @Test("responds to an event, and polls again once the response is posted")
    func responds() {
        var cycle = responding()
        #expect(cycle.posted(Self.accepted) == Self.now)
        #expect(cycle.asked(.ok, isEvent: true) == .respond)
    }

    @Test("polls again if there is no event: at once, then after pauses of up to a second, without end")
    func noContent() {
        var cycle = LambdaCycle()
        #expect(cycle.asked(.noContent, isEvent: false) == Self.now)
        #expect(cycle.asked(.noContent, isEvent: false) == .ask(after: .milliseconds(10)))
        for _ in 1...100 { _ = cycle.asked(.noContent, isEvent: false) }
        #expect(cycle.asked(.noContent, isEvent: false) == .ask(after: .seconds(1)))
    }

    @Test("polls again after pauses if polls fail, and gives up after ten failures in a row")
    func failures() {
        var cycle = responding()
        _ = cycle.posted(Self.accepted)
        var pauses: [Int] = []
        while case .ask(let pause) = cycle.askingFailed() { pauses.append(pause.milliseconds) }
        #expect(pauses == [10, 20, 40, 80, 160, 320, 640, 1000, 1000])
        #expect(cycle.askingFailed() == .end(.stopped))
    }

    @Test("distinguishes an API that was never reached from one that was lost")
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
        "treats a response without an event as a failure",
        arguments: [(200, false), (400, false), (403, false), (503, false), (302, true)]
    )
    func noEvent(status: Int, isEvent: Bool) {
        var cycle = LambdaCycle()
        #expect(cycle.asked(Status(status), isEvent: isEvent) == .ask(after: .milliseconds(10)))
    }

    @Test("starts to count failures anew after an event")
    func recovery() {
        var cycle = LambdaCycle()
        for _ in 1...5 { _ = cycle.askingFailed() }
        _ = cycle.asked(.ok, isEvent: true)
        _ = cycle.posted(Self.accepted)
        #expect(cycle.askingFailed() == .ask(after: .milliseconds(10)))
    }

    @Test("ends at a 500 to any call")
    func broken() {
        var cycle = LambdaCycle()
        #expect(cycle.asked(.internalServerError, isEvent: false) == .end(.broken))
        var posting = responding()
        #expect(posting.posted(.internalServerError) == .end(.broken))
        #expect(LambdaCycle.End.broken.code == 4)
    }

    @Test("goes on if its response is refused or lost", arguments: [400, 403, 404, 429, 503])
    func refused(status: Int) {
        var cycle = responding()
        #expect(cycle.posted(Status(status)) == Self.now)
        cycle = responding()
        #expect(cycle.postingFailed() == Self.now)
    }

    @Test("posts an error, once, if the response is too large")
    func tooLarge() {
        var cycle = responding()
        #expect(cycle.posted(.contentTooLarge) == .excuse)
        #expect(cycle.posted(.contentTooLarge) == Self.now)
        cycle = responding()
        #expect(cycle.posted(.contentTooLarge, isReplaceable: false) == Self.now)
    }

    @Test("after stop() completes the response in flight, and does not poll again")
    func stop() {
        var cycle = responding()
        cycle.stop()
        #expect(cycle.posted(.contentTooLarge) == .excuse)
        #expect(cycle.posted(Self.accepted) == .end(.stopped))
        var settling = responding()
        let action = settling.posted(Self.accepted)
        #expect(settling.settled(action) == Self.now)
        settling.stop()
        #expect(settling.settled(action) == .end(.stopped))
        var asking = LambdaCycle()
        asking.stop()
        #expect(asking.askingFailed() == .end(.stopped))
        var polling = LambdaCycle()
        polling.stop()
        #expect(polling.asked(.ok, isEvent: true) == .respond)
        #expect(LambdaCycle.End.stopped.code == 0)
    }
}
