import FunctionCore
import StreamTokensWorkflows
import Support
import Testing

@Suite("Built-in workflows")
struct BuiltInWorkflowsTests {
    private func start(_ workflow: String, _ json: String, _ clock: SteppedClock = SteppedClock()) async throws
        -> any WorkflowRun
    {
        guard case .object(let variables) = try JSONReader.read(Array(json.utf8)) else {
            throw WorkflowFailure.timedOut
        }
        let call = WorkflowCall(workflow: workflow, variables: variables, organization: "acme")
        return try await BuiltInWorkflows(clock: clock).start(call, within: .seconds(30))
    }

    private func texts(_ run: any WorkflowRun) async throws -> [String] {
        var texts: [String] = []
        while case .bytes(let bytes) = try await run.next(within: .seconds(15)) {
            texts.append(String(decoding: bytes, as: UTF8.self))
        }
        return texts
    }

    @Test(
        "echo outputs its text word by word",
        arguments: [
            ("", []), ("hello there  world", ["hello ", "there  ", "world"]), (" a\nb ", [" a\n", "b "]),
            ("  ", ["  "]),
        ]
    )
    func echo(text: String, words: [String]) async throws {
        let run = try await start("echo", JSON.object([.init(name: "text", value: .string(text))]).description)
        try await expect(texts(run), is: words)
    }

    @Test(
        "count counts to a number, which may be a string of digits",
        arguments: [#"{"to":3,"interval_ms":0}"#, #"{"to":"3","interval_ms":"0"}"#]
    )
    func count(json: String) async throws {
        try await expect(texts(start("count", json)), is: ["1\n", "2\n", "3\n"])
    }

    @Test("count waits between its numbers, and is silent meanwhile")
    func interval() async throws {
        let clock = SteppedClock()
        let run = try await start("count", #"{"to":2,"interval_ms":20000}"#, clock)
        try await expect(run.next(within: .seconds(15)), is: .bytes(Array("1\n".utf8)))
        for (limit, expected) in [(15, WorkflowOutput.silence), (5, .bytes(Array("2\n".utf8)))] {
            async let output = run.next(within: .seconds(15))
            while clock.sleeperCount == 0 { await Task.yield() }
            clock.advance(by: .seconds(limit))
            try await expect(output, is: expected)
        }
        try await expect(run.next(within: .seconds(15)), is: .end)
    }

    @Test("a run ends if its reader or the run is cancelled")
    func cancelled() async throws {
        let clock = SteppedClock()
        let run = try await start("count", #"{"to":2}"#, clock)
        _ = try await run.next(within: .seconds(15))
        let reading = Task { try await run.next(within: .seconds(15)) }
        while clock.sleeperCount == 0 { await Task.yield() }
        reading.cancel()
        await #expect(throws: WorkflowFailure.cancelled) { try await reading.value }
        await run.cancel()
        await #expect(throws: WorkflowFailure.cancelled) { try await run.next(within: .seconds(15)) }
    }

    @Test(
        "an invalid variable is refused, and named",
        arguments: [
            ("echo", "{}", "text"), ("echo", #"{"text":1}"#, "text"), ("count", #"{"to":-1}"#, "to"),
            ("count", #"{"to":1.5}"#, "to"), ("count", #"{"to":"x"}"#, "to"),
            ("count", #"{"interval_ms":60001}"#, "interval_ms"),
            ("echo", #"{"text":"a","interval_ms":"-1"}"#, "interval_ms"),
        ]
    )
    func refused(workflow: String, json: String, variable: String) async throws {
        let failure = await #expect(throws: WorkflowFailure.self) { try await start(workflow, json) }
        guard case .rejected(_, let name?) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(name.description == variable)
    }

    @Test(
        "a variable's name is shown if it has a safe form, cut after 64 characters",
        arguments: [
            ("text", "text"), ("_a-b.c9", "_a-b.c9"), ("", nil), ("9a", nil), ("a b", nil), ("a\"b", nil), ("<b>", nil),
            ("é", nil), ("a\n", nil), ("-a", nil),
            (String(repeating: "a", count: 65), String(repeating: "a", count: 64)),
            (String(repeating: "a", count: 64) + " <", String(repeating: "a", count: 64)),
            ("e" + String(repeating: "\u{301}", count: 1_000_000), nil),
        ] as [(String, String?)]
    )
    func names(text: String, name: String?) {
        #expect(VariableName(text)?.description == name)
    }

    @Test("another name is not found")
    func unknown() async {
        await #expect(throws: WorkflowFailure.notFound) { try await start("Echo", "{}") }
    }
}
