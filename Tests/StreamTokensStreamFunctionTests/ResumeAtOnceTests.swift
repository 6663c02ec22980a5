import FunctionCore
import StreamTokens
import StreamTokensStreamFunction
import StreamTokensWorkflows
import Support
import Testing

@Suite("A stream that is opened at once and can be resumed")
struct ResumeAtOnceTests {
    private static func stream() async throws -> ResumableStream {
        var options = ResumableStream.options
        options.opens = .atOnce
        let stream = try await ResumableStream(options: options)
        stream.workflow.hold(true)
        return stream
    }

    @Test("outlives its client before the commit, which the first output does whoever reads")
    func left() async throws {
        let stream = try await Self.stream()
        let first = await stream.open()
        #expect(await waitUntil { await first.line.text.hasSuffix("retry: 1000\n\n:\n\n") })
        let id = try await first.lastEventID
        await first.leave()
        await stream.pass(seconds: 30)
        try await expect(stream.counts(awaiting: [1, 1, 0]), is: [1, 1, 0])
        // Who has the cursor reads on; to others the token is in use.
        await expect(stream.fixture.ask(ResumableStream.request(stream.token)).status, is: 409)
        let second = await stream.open(after: id)
        #expect(second.response.status == .ok)
        #expect(await waitUntil { await second.line.text == ":\n\n" })
        await second.leave()
        stream.feed("a")
        stream.workflow.hold(false)
        #expect(await waitUntil { stream.words.contains("opened") })
        try await expect(stream.counts(awaiting: [0, 0, 1]), is: [0, 0, 1])
        let third = await stream.open(after: id)
        #expect(try await third.has(1))
        stream.workflow.feed(.end)
        try await third.sending.value
        try await expect(third.texts, is: ["a", "{}"])
        #expect(stream.workflow.starts == 1)
        #expect(stream.words.filter { !$0.hasPrefix("resumed") } == ["waiting", "token_in_use", "opened", "ended"])
        await stream.end()
    }

    @Test("is given back if nobody reads it for its window before the commit")
    func unread() async throws {
        let stream = try await Self.stream()
        let first = await stream.open()
        #expect(try await waitUntil { try await first.lastEventID != nil })
        await first.leave()
        await stream.pass(seconds: ResumableStream.window - 1)
        try await expect(stream.counts(awaiting: [1, 1, 0]), is: [1, 1, 0])
        await stream.pass(seconds: 1)
        #expect(await waitUntil { stream.words.last == "client_closed_request 503" })
        try await expect(stream.counts(awaiting: [1, 0, 0]), is: [1, 0, 0])
        #expect(try await stream.fixture.isLive(stream.token))
        await stream.end()
    }

    @Test("whose workflow fails before its first output says so to whoever reads, and its token is live")
    func fails() async throws {
        let stream = try await Self.stream()
        let first = await stream.open()
        #expect(try await waitUntil { try await first.lastEventID != nil })
        let second = await stream.open(after: try await first.lastEventID)
        stream.workflow.fail(.timedOut)
        try await expect(second.code, is: "workflow_timeout")
        #expect(await second.line.text.contains("\"status\":504}"))
        try await expect(second.lastEventID, is: ";end")
        try await expect(first.code, is: "resumed_elsewhere")
        try await expect(stream.counts(awaiting: [1, 0, 0]), is: [1, 0, 0])
        #expect(try await stream.fixture.isLive(stream.token))
        await stream.end()
    }
}
