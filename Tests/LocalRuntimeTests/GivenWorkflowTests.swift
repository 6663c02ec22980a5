import FunctionCore
import StreamTokensWorkflows
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeReplay

@Suite("A fixture's workflow")
struct GivenWorkflowTests {
    /// The workflow's output, and the reason for its end.
    private func run(_ text: String) async throws -> ([WorkflowOutput], WorkflowFailure?) {
        let workflow = try GivenWorkflow(try JSONReader.read(Array(text.utf8)), at: .root)
        var outputs: [WorkflowOutput] = []
        do throws(WorkflowFailure) {
            let run = try await workflow.start(WorkflowCall(workflow: "any", organization: "acme"), within: .zero)
            while outputs.last != .end { outputs.append(try await run.next(within: .zero)) }
        } catch {
            return (outputs, error)
        }
        return (outputs, nil)
    }

    @Test(
        "it writes its output in the given pieces",
        arguments: [
            ("{}", []), (#"{"output":[]}"#, []),
            (#"{"output":["a","é"]}"#, [.bytes([0x61]), .bytes([0xC3, 0xA9])]),
            (
                #"{"output":[{"base64":"/w=="},{"repeat":"ab","times":2}]}"#,
                [.bytes([0xFF]), .bytes(Array("abab".utf8))]
            ),
            (
                #"{"events":[{"data":"a"},{"type":"b","data":"","id":"c"}]}"#,
                [.event(ServerSentEvent(data: "a")), .event(ServerSentEvent(type: "b", data: "", id: "c"))]
            ),
            (
                #"{"events":[{"retry":3000},{"data":"a","retry":1},{"id":""}]}"#,
                [
                    .reconnection(.init(retry: 3000)), .event(ServerSentEvent(data: "a", retry: 1)),
                    .reconnection(.init(id: "")),
                ]
            ),
        ] as [(String, [WorkflowOutput])]
    )
    func output(text: String, outputs: [WorkflowOutput]) async throws {
        let (given, failure) = try await run(text)
        #expect(given == outputs + [.end])
        #expect(failure == nil)
    }

    @Test(
        "it fails at its start, or after its output",
        arguments: [
            (#""not_found""#, .notFound), (#""rejected""#, .rejected("the fixture says so")),
            (#""rejected","variable":"text""#, .rejected("the fixture says so", variable: VariableName("text"))),
            (#""busy""#, .busy(retryAfter: nil)), (#""busy","retry_after":7"#, .busy(retryAfter: 7)),
            (#""unavailable""#, .unavailable("the fixture says so")), (#""timed_out""#, .timedOut),
            (#""event_too_large""#, .eventTooLarge(limit: 1 << 20)),
        ] as [(String, WorkflowFailure)]
    )
    func failures(text: String, expected: WorkflowFailure) async throws {
        var givens = [("", 0), (#""events":[{"data":"a"}],"#, 1), (#""events":[{"retry":1}],"#, 0)]
        if expected != .eventTooLarge(limit: 1 << 20) { givens += [(#""output":[],"#, 0), (#""output":["a"],"#, 1)] }
        for (output, count) in givens {
            let (outputs, failure) = try await run("{\(output)\"fails\":\(text)}")
            #expect(outputs.count == count)
            #expect(failure == expected)
        }
    }

    @Test("once it is cancelled it writes nothing more")
    func cancelled() async throws {
        let workflow = try GivenWorkflow(try JSONReader.read(Array(#"{"output":["a"]}"#.utf8)), at: .root)
        let run = try await workflow.start(WorkflowCall(workflow: "any", organization: "acme"), within: .zero)
        await run.cancel()
        await #expect(throws: WorkflowFailure.cancelled) { try await run.next(within: .zero) }
    }
}
