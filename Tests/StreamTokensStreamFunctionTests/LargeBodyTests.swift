import FunctionCore
import StreamTokens
import StreamTokensStreamFunction
import Support
import Testing

@Suite("A body of over 4 KiB")
struct LargeBodyTests {
    /// A client's body that comes in chunks; `taken` gets one byte for each chunk that was read.
    private static func body(chunks: Int, length: Int?) -> (body: Body, taken: RecordingWriter) {
        let taken = RecordingWriter()
        let body = Body.stream(length: length) { writer in
            for _ in 0..<chunks {
                try await taken.write([0])
                try await writer.write([UInt8](repeating: UInt8(ascii: " "), count: 1024))
            }
        }
        return (body, taken)
    }

    private static func request(_ token: String, _ body: Body, _ headers: Headers = [:]) -> Request {
        var request = StreamFixture.post(token, headers: headers)
        request.body = body
        return request
    }

    @Test("is not read for a token that is not live", arguments: ["used", "unknown", "revoked"])
    func refused(state: String) async throws {
        let fixture = try await StreamFixture()
        var token = try await fixture.mint()
        switch state {
        case "used": await expect(fixture.ask(StreamFixture.post(token)).status, is: 200)
        case "revoked": _ = await fixture.store.revoke(try #require(StreamToken(token)))
        default:
            token =
                StreamToken.random(tag: Tag.random(SeededGenerator.bits(seed: 9)), SeededGenerator.bits(seed: 9)).text
        }
        let (body, taken) = Self.body(chunks: 5, length: 5 * 1024)
        let response = await fixture.ask(Self.request(token, body))
        #expect(response.status == 401 && response.code == "invalid_token")
        #expect(await taken.bytes.isEmpty)
    }

    @Test("without a length is read only up to 4 KiB for a token that is not live")
    func chunked() async throws {
        let fixture = try await StreamFixture()
        let token = try await fixture.mint()
        await expect(fixture.ask(StreamFixture.post(token)).status, is: 200)
        let (body, taken) = Self.body(chunks: 100, length: nil)
        await expect(fixture.ask(Self.request(token, body)).status, is: 401)
        await expect(taken.bytes.count, is: 5)
    }

    @Test("without a length gets no 100 (Continue) for a token that is not live")
    func continues() async throws {
        let fixture = try await StreamFixture()
        let token = try await fixture.mint()
        await expect(fixture.ask(StreamFixture.post(token)).status, is: 200)
        let (body, taken) = Self.body(chunks: 100, length: nil)
        await expect(fixture.ask(Self.request(token, body, [.expect: "100-continue"])).status, is: 401)
        #expect(await taken.bytes.isEmpty)
    }

    @Test("over 1 MiB is refused before its token is checked")
    func tooLarge() async throws {
        let fixture = try await StreamFixture()
        let token = try await fixture.mint()
        await expect(fixture.ask(StreamFixture.post(token)).status, is: 200)
        let (body, _) = Self.body(chunks: 1025, length: 1025 * 1024)
        await expect(fixture.ask(Self.request(token, body)).status, is: 413)
    }

    @Test("is parsed after its token is checked; a smaller body is parsed before", arguments: [4096, 4097])
    func order(size: Int) async throws {
        let fixture = try await StreamFixture()
        let token = try await fixture.mint()
        await expect(fixture.ask(StreamFixture.post(token)).status, is: 200)
        let malformed = String(repeating: "x", count: size)
        await expect(fixture.ask(StreamFixture.post(token, malformed)).status, is: size > 4096 ? 401 : 400)
    }

    @Test("opens a stream with a live token, with or without a length", arguments: [true, false])
    func opens(hasLength: Bool) async throws {
        let fixture = try await StreamFixture()
        let text = Array((#"{"text":"\#(String(repeating: "x", count: 9000))"}"#).utf8)
        let body = Body.stream(length: hasLength ? text.count : nil) { writer in
            for start in stride(from: 0, to: text.count, by: 1000) {
                try await writer.write(Array(text[start..<min(start + 1000, text.count)]))
            }
        }
        let token = try await fixture.mint()
        await expect(fixture.ask(Self.request(token, body)).status, is: 200)
        #expect(try await fixture.isUsed(token))
    }

    @Test("is refused as the reservation would be: without credits, and while the store is away")
    func outcomes() async throws {
        let large = String(repeating: " ", count: 5000) + "{}"
        let poor = try await StreamFixture(credits: 1)
        let (first, second) = (try await poor.mint(), try await poor.mint())
        await expect(poor.ask(StreamFixture.post(first)).status, is: 200)
        await expect(poor.ask(StreamFixture.post(second, large)).status, is: 402)
        let away = try await StreamFixture(wrap: {
            StoreFaultTests.FaultyStore(store: $0, operation: .check, isExecuted: false)
        })
        let token = try await away.mint()
        let response = await away.ask(StreamFixture.post(token, large))
        #expect(response.status == 503 && response.code == "store_unavailable")
        #expect(try await away.isLive(token))
        await expect(away.ask(StreamFixture.post(token, large)).status, is: 200)
    }
}
