import FunctionCore
import Testing

@testable import FunctionHTTP

@Suite("Limits of a request")
struct RequestLimitTests {
    private func repeated(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }

    @Test("a target of 8 KiB is accepted; a longer one gets 414 before its line has ended")
    func target() {
        #expect(Transcript("GET /\(repeated("a", 8191)) HTTP/1.1\r\nHost: a\r\n\r\n").error == nil)
        #expect(Transcript("GET /\(repeated("a", 8192)) HTTP/1.1\r\n").error == .targetTooLong)
        #expect(Transcript("GET /\(repeated("a", 8192))").error == .targetTooLong)
        #expect(Transcript("GET /\(repeated("a", 8191))").error == nil)
        #expect(Transcript("GET /\(repeated("a", 90_000))").error == .targetTooLong)
    }

    @Test("a head of 16 KiB is accepted; a longer one gets 431 before its line has ended")
    func head() {
        let start = "GET / HTTP/1.1\r\nHost: a\r\nX: "
        let fitting = 16 * 1024 - start.utf8.count - 4
        #expect(Transcript(start + repeated("a", fitting) + "\r\n\r\n").error == nil)
        #expect(Transcript(start + repeated("a", fitting + 1) + "\r\n\r\n").error == .headTooLarge)
        #expect(Transcript(start + repeated("a", fitting + 3)).error == .headTooLarge)
        #expect(Transcript(repeated("/", 16 * 1024 - 1)).error == .headTooLarge)
    }

    @Test("a hundred fields are accepted, trailers included; more get 431")
    func fields() {
        let ninetyNine = repeated("X: y\r\n", 99)
        #expect(Transcript("GET / HTTP/1.1\r\nHost: a\r\n\(ninetyNine)\r\n").error == nil)
        #expect(Transcript("GET / HTTP/1.1\r\nHost: a\r\n\(ninetyNine)X: y\r\n\r\n").error == .headTooLarge)
        #expect(Transcript(chunked("0\r\n\(repeated("X: y\r\n", 98))\r\n")).error == nil)
        #expect(Transcript(chunked("0\r\n\(repeated("X: y\r\n", 99))\r\n")).error == .headTooLarge)
    }

    @Test("the Host that an absolute target adds to HTTP/1.0 does not count as a field")
    func hostOfTarget() {
        let request = "GET http://h/ HTTP/1.0\r\nX: y\r\nX: y\r\n\r\n"
        let transcript = Transcript(request, limits: RequestLimits(fields: 2))
        #expect(transcript.error == nil)
        #expect(transcript.messages.first?.head.headers == ["x": "y", "x": "y", "host": "h"])
        #expect(Transcript(request, limits: RequestLimits(fields: 1)).error == .headTooLarge)
    }

    @Test("chunk extensions and trailers count against the head limit; chunk sizes do not")
    func extensions() {
        #expect(Transcript(chunked(repeated("1\r\nx\r\n", 20_000) + "0\r\n\r\n")).error == nil)
        #expect(Transcript(chunked(repeated("1;\(repeated("a", 99))\r\nx\r\n", 200))).error == .headTooLarge)
        #expect(Transcript(chunked("1;\(repeated("a", 17_000))")).error == .headTooLarge)
        #expect(Transcript(chunked("0\r\nX: \(repeated("a", 17_000))")).error == .headTooLarge)
        #expect(Transcript(chunked(repeated("0", 17_000))).error == .headTooLarge)
    }

    @Test("a declared length over the body limit is refused with the head")
    func body() {
        let limits = RequestLimits(body: 5)
        let accepted = Transcript("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", limits: limits)
        #expect(accepted.error == nil)
        let refused = Transcript("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n", limits: limits)
        #expect(refused.error == .contentTooLarge)
        #expect(refused.messages.isEmpty)
    }

    @Test("chunks over the body limit are refused by their sizes")
    func chunks() {
        let limits = RequestLimits(body: 5)
        #expect(Transcript(chunked("2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n") + get(), limits: limits).error == nil)
        #expect(Transcript(chunked("2\r\nab\r\n4\r\n"), limits: limits).error == .contentTooLarge)
        #expect(Transcript(chunked("7FFFFFFFFFFFFFFF\r\n"), limits: limits).error == .contentTooLarge)
    }

    @Test("limits apply to each message separately")
    func anew() {
        let message = get("X: \(repeated("a", 10_000))", repeated("Y: z\r\n", 50) + "Z: z")
        let transcript = Transcript(repeated(message, 5))
        #expect(transcript.error == nil)
        #expect(transcript.messages.count == 5)
    }
}
