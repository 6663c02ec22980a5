import FunctionCore
import FunctionRuntime
import Glibc
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeCommands
@testable import LocalRuntimeConsole
@testable import LocalRuntimeReplay

@Suite("Invoke")
struct InvokeTests {
    private static let key = "sk_Fixed1theOnlySecretOfAFixtureNumber13PezG0"
    private static let token = "pub_tok_Fixed1aStreamTokenOfAFixtureNumber011aZXa0"
    private static let organization =
        #"{"name":"a","keys":[{"secret":"\#(key)"}],"tokens":[{"token":"\#(token)"}]}"#
    private static let stream = #"{"method":"POST","path":"/api/v1/run/chat/stream","query":"token=\#(token)"}"#

    private func invoke(
        _ event: String,
        given: String? = nil,
        _ words: [String] = [],
        environment: [String: String] = [:]
    ) async throws -> (ExitCode, String, String) {
        let folder = try TemporaryFolder()
        try folder.write("a.json", event)
        if let given { try folder.write("a.expect.json", #"{"given":\#(given),"status":200}"#) }
        let captured = CapturedConsole(environment: environment)
        let code = try await captured.run(["invoke", folder.path + "/a.json"] + words)
        return (code, captured.output, captured.messages)
    }

    @Test("the output is the body only, and the function has what the expectation gives")
    func body() async throws {
        let (code, output, messages) = try await invoke(
            Self.stream,
            given: #"{"organizations":[\#(Self.organization)],"workflow":{"output":["one ","two"]}}"#
        )
        #expect(code == .success)
        #expect(output == "one two")
        #expect(messages == "")
    }

    @Test("invoke reads an expectation of any size that replay reads")
    func longExpectation() async throws {
        // Over the size limit of an event, within that of a fixture's file.
        let blanks = String(repeating: " ", count: 7 << 20)
        let given = #"{"organizations":[\#(Self.organization)]\#(blanks)}"#
        let (code, output, messages) = try await invoke(Self.stream, given: given)
        #expect(code == .success)
        #expect(!output.isEmpty)
        #expect(messages == "")
    }

    @Test("--head puts status and headers before the body")
    func head() async throws {
        let (code, output, messages) = try await invoke(#"{"path":"/api/v1/token","method":"PUT"}"#, ["--head"])
        #expect(code == .success)
        #expect(output.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\ncontent-type: application/json\r\n"))
        #expect(output.contains("\r\nallow: GET, POST\r\n\r\n{\"error\":"))
        #expect(messages == "")
    }

    @Test("an event of AWS becomes the request that it describes, and HEAD has no body")
    func platform() async throws {
        let (code, output, _) = try await invoke(
            #"{"requestContext":{"elb":{}},"path":"/api/v1/token","httpMethod":"HEAD"}"#
        )
        #expect(code == .success)
        #expect(output == "")
    }

    @Test("a 5xx exits with 4 and prints the function's reason on standard error")
    func failure() async throws {
        let (code, output, messages) = try await invoke(
            #"{"path":"/api/v1/token","headers":{"authorization":"Bearer \#(Self.key)"}}"#,
            given: #"{"store":"down"}"#
        )
        #expect(code == .expectationFailed)
        #expect(output.hasPrefix(#"{"error":"Failed to create token"#))
        #expect(messages == "the function's reason: the fixture says that the store is down\n")
    }

    @Test("a body that breaks off exits with 4, and its beginning is printed")
    func brokenOff() async throws {
        let (code, output, messages) = try await invoke(
            Self.stream,
            given: #"{"organizations":[\#(Self.organization)],"workflow":{"output":["one"],"fails":"unavailable"}}"#
        )
        #expect(code == .expectationFailed)
        #expect(output == "one")
        #expect(messages.contains("the body broke off"))
    }

    @Test("when the output has no reader, the body ends without an error")
    func readerGone() async throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        signal(SIGPIPE, SIG_IGN)
        let output = Output(descriptor: ends[1], allowsColor: false)
        #expect(!output.bytes([1]))
        let captured = CapturedConsole()
        let console = Console(
            output: output,
            messages: captured.console.messages,
            environment: [:],
            readLine: { nil }
        )
        let response = Response(.ok, body: .stream { writer in while true { try await writer.write([1]) } })
        let code = await Invoking(console: console, showsHead: true)
            .run(Request(path: "/"), through: FunctionInstance { _ in response })
        #expect(code == .success)
        #expect(captured.messages == "")
    }

    @Test("with --redis the store is in Redis, and settings come from the environment")
    func redis() async throws {
        let redis = try RedisServer()
        let url = "\(redis.url)"
        let keys = CapturedConsole(environment: ["REDIS_URL": url])
        try await expect(keys.run(["keys", "create", "--org", "acme"]), is: .success)
        let secret = String(keys.output.dropLast())
        let mint = #"{"path":"/api/v1/token","query":"ttl=900","headers":{"authorization":"Bearer \#(secret)"}}"#
        let (code, output, _) = try await invoke(mint, ["--redis", url], environment: ["TOKEN_TTL_POLICY": "clamp"])
        #expect(code == .success)
        let match = try #require(output.wholeMatch(of: /\{"success":true,"token":"(pub_tok_\w+)","ttl":300\}/))
        let stream = #"""
            {"method":"POST","path":"/api/v1/run/echo/stream","query":"token=\#(match.1)","body":"{\"text\":\"a\"}"}
            """#
        try await expect(invoke(stream, ["--redis", url]).1, is: "a")
        #expect(try await invoke(stream, ["--redis", url]).1.contains("invalid_token"))
        let (wrong, _, messages) = try await invoke(mint, ["--redis", url], environment: ["TOKEN_TTL_POLICY": "x"])
        #expect(wrong == .commandLine)
        #expect(messages.contains("TOKEN_TTL_POLICY must be one of strict, clamp"))
    }

    @Test("an unreachable Redis exits with 3, an unreadable event with 2")
    func cannot() async throws {
        let (code, _, messages) = try await invoke(#"{"path":"/"}"#, ["--redis", "unix:///nowhere/redis.sock"])
        #expect(code == .couldNotRun)
        #expect(messages.contains("unix:///nowhere/redis.sock: Redis: unavailable"))
        try await expect(invoke(#"{"path":"x"}"#).0, is: .unreadableFixture)
    }

    @Test("standard input gives the event or the Redis URL, not both")
    func standardInput() async throws {
        let captured = CapturedConsole(input: #"{"path":"/nowhere"}"#)
        try await expect(captured.run(["invoke", "-"]), is: .success)
        #expect(captured.output.contains("not_found"))
        let both = CapturedConsole()
        try await expect(both.run(["invoke", "-", "--redis", "-"]), is: .commandLine)
        #expect(both.messages.contains("standard input can give the event or the Redis URL, not both"))
    }
}
