import Foundation
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeLambda

@Suite("A scenario")
struct ScenarioTests {
    private static let key = "sk_Fixed1theOnlySecretOfAFixtureNumber13PezG0"
    private static let given =
        #""given":{"organizations":[{"name":"acme","credits":5,"keys":[{"secret":"\#(key)"}]}]}"#

    private static func mint(_ name: String) -> String {
        #"{"name":"\#(name)","event":{"path":"/api/v1/token","query":"ttl=60","#
            + #""headers":{"authorization":"Bearer \#(key)"}},"expect":{"status":200}}"#
    }

    /// A step that opens a stream with the token of an earlier step; `members` are its other members.
    private static func open(_ name: String, _ members: String) -> String {
        #"{"event":{"method":"POST","path":"/api/v1/run/echo/stream","query":"token=${\#(name).body.token}","#
            + #""body":"{\"text\":\"hi there\"}"},\#(members)}"#
    }

    private func replay(_ text: String, _ words: [String] = []) async throws -> (ExitCode, String) {
        let folder = try TemporaryFolder()
        try folder.write("s.scenario.json", text)
        let captured = CapturedConsole()
        let code = try await captured.run(["replay", folder.path + "/s"] + words)
        return (code, captured.output.replacingOccurrences(of: folder.path + "/", with: ""))
    }

    private func replay(
        steps: [String],
        settings: String = "{}",
        _ words: [String] = []
    ) async throws -> (ExitCode, String) {
        let given = "\(Self.given.dropLast()),\"settings\":\(settings)}"
        return try await replay("{\(given),\"steps\":[\(steps.joined(separator: ","))]}", words)
    }

    private static let steps = [
        mint("one"),
        #"{"advance":"59s"}"#,
        open(
            "one",
            #""expect":{"status":200,"chunks":["hi ","there"],"within":"10s","#
                + #""store":{"organizations":{"acme":{"credits":4}}}},"again":{"status":401}"#
        ),
        mint("two"),
        #"{"parallel":[\#(open("two", #""times":20"#))],"statuses":{"200":1,"409":19}}"#,
        mint("lost"),
        open(
            "lost",
            #""faults":{"store":{"lost":"commit"}},"#
                + #""expect":{"status":503,"store":{"organizations":{"acme":{"credits":3,"held":0}}}}"#
        ),
        open(
            "lost",
            #""faults":{"killed":"commit"},"#
                + #""expect":{"store":{"organizations":{"acme":{"credits":2,"held":0,"open":1}}}}"#
        ),
        #"{"advance":"5m"}"#,
        open("lost", #""expect":{"status":401,"store":{"organizations":{"acme":{"credits":2,"open":0}}}}"#),
    ]

    @Test("steps use earlier responses, a moved clock and faults")
    func steps() async throws {
        let (code, output) = try await replay(steps: Self.steps)
        #expect(code == .success, "\(output)")
        #expect(output == "ok      s\n\n1 passed, 0 failed\n")
    }

    @Test("a scenario runs the same on Redis, without waiting, and leaves nothing there")
    func redis() async throws {
        let redis = try RedisServer()
        let url = "\(redis.url)"
        let start = ContinuousClock.now
        let (code, output) = try await replay(steps: Self.steps, ["--redis", url])
        #expect(code == .success, "\(output)")
        #expect(ContinuousClock.now - start < .seconds(50))
        let organizations = CapturedConsole()
        try await expect(organizations.run(["orgs", "list", "--redis", url]), is: .success)
        #expect(organizations.output == "")
    }

    @Test("a stream ends at the platform's deadline with its last events")
    func deadline() async throws {
        let stream =
            #"{"event":{"method":"POST","path":"/api/v1/run/chat/stream","query":"token=${one.body.token}","#
            + #""headers":{"accept":"text/event-stream"}},"#
            + #""faults":{"workflow":{"output":["word"],"hangs":true},"deadline":"200ms"},"#
            + #""expect":{"status":200,"events":[{"data":"word"},{"type":"error","data":{"code":{"$type":"string"}}}]}}"#
        let (code, output) = try await replay(steps: [Self.mint("one"), stream])
        #expect(code == .success, "\(output)")
    }

    /// A stream with the token of the step `one`, whose workflow is silent first.
    private static func silent(_ workflow: String, _ expectation: String) -> String {
        #"{"event":{"method":"POST","path":"/api/v1/run/chat/stream","query":"token=${one.body.token}","#
            + #""headers":{"accept":"text/event-stream"}},"faults":{"workflow":\#(workflow)},"expect":\#(expectation)}"#
    }

    @Test("a silence before a workflow's first output passes by the store's clock, with its leases renewed")
    func silence() async throws {
        let held = #"{"organizations":{"acme":{"credits":5,"held":1,"open":0}}}"#
        let end = #"[{"data":"word"},{"type":"done","id":"1;end"}]"#
        let steps = [
            Self.mint("one"),
            Self.silent(
                #"{"silent":"25s","output":["word"]}"#,
                #"{"status":200,"events":\#(end),"silence":\#(held)}"#
            ),
        ]
        for opens in ["at_once", "at_first_byte"] {
            let (code, output) = try await replay(steps: steps, settings: #"{"STREAM_OPENS":"\#(opens)"}"#)
            #expect(code == .success, "\(opens): \(output)")
        }
        let late = Self.silent(#"{"silent":"31s"}"#, #"{"status":504,"silence":\#(held)}"#)
        let (code, output) = try await replay(steps: [Self.mint("one"), late])
        #expect(code == .success, "\(output)")
    }

    @Test("a silence that is expected to have been otherwise is a difference")
    func otherSilence() async throws {
        let wrong = #"{"status":200,"silence":{"organizations":{"acme":{"held":0}}}}"#
        let steps = [Self.mint("one"), Self.silent(#"{"silent":"1s","output":["a"]}"#, wrong)]
        let (code, output) = try await replay(steps: steps)
        #expect(code == .expectationFailed)
        #expect(output.contains("/steps/1/expect/silence/organizations/acme/held"), "\(output)")
    }

    @Test("a failure is shown with its step, and later steps do not run")
    func failure() async throws {
        let (code, output) = try await replay(steps: [
            Self.mint("one"), Self.open("one", #""expect":{"status":401}"#),
            Self.open("one", #""expect":{"status":1}"#),
        ])
        #expect(code == .expectationFailed)
        #expect(
            output == """
                FAIL    s
                        s.scenario.json#/steps/1/expect/status
                          expected  401
                          actual    200
                        curl -i --globoff --path-as-is -X 'POST' \
                'http://127.0.0.1:8080/api/v1/run/echo/stream?token='"$TOKEN" --data-raw '{"text":"hi there"}'

                0 passed, 1 failed

                """
        )
    }

    @Test(
        "a step that kills the process expects no response, and expects that the operation is reached",
        arguments: [
            (#"{"killed":"commit"},"expect":{"status":200}"#, "expected  200", "actual    no response"),
            (
                #"{"killed":"release"},"expect":{"status":200}"#, "expected  a process that is killed",
                "actual    status 200, because release did not come"
            ),
        ]
    )
    func killed(faults: String, expected: String, actual: String) async throws {
        let (code, output) = try await replay(steps: [Self.mint("one"), Self.open("one", #""faults":\#(faults)"#)])
        #expect(code == .expectationFailed)
        #expect(output.contains(expected) && output.contains(actual), "\(output)")
    }

    @Test("a step fails if it refers to a value that an earlier response does not have")
    func missing() async throws {
        let (code, output) = try await replay(steps: [
            #"{"name":"one","event":{"path":"/"}}"#, Self.open("one", #""expect":{"status":200}"#),
        ])
        #expect(code == .expectationFailed)
        #expect(output.contains("s.scenario.json#/steps/1/event/query"))
        #expect(output.contains("${one.body.token}, which the response of one does not have"))
    }

    @Test(
        "an invalid scenario is refused with the place",
        arguments: [
            ("[]", "#: must be an object"), (#"{"steps":[]}"#, "#/steps: must have a step"), ("{", ":1:2:"),
            (#"{"steps":[{"event":{"path":"/${b.body}"}},{"name":"b","event":{"path":"/"}}]}"#, "#/steps/0/event/path"),
            (#"{"steps":[{"name":"a","event":{"path":"/${a.body}"}}]}"#, "no step before it is named a"),
            (#"{"steps":[{"name":"a","event":{"path":"/${"}}]}"#, "#/steps/0/event/path: has a ${…}"),
            (#"{"steps":[{"name":"A","event":{"path":"/"}}]}"#, "#/steps/0/name:"),
            (#"{"steps":[{"advance":"1 week"}]}"#, "#/steps/0/advance: must be a time"),
            (#"{"steps":[{"advance":"9999999999999999s"}]}"#, "#/steps/0/advance: must be a time"),
            (#"{"steps":[{"event":"none.json"}]}"#, "#/steps/0/event: none.json: cannot be read"),
            (#"{"steps":[{"event":{"path":"/"},"faults":{"store":"off"}}]}"#, "#/steps/0/faults/store:"),
            (#"{"steps":[{"event":{"path":"/"},"faults":{"killed":"mine"}}]}"#, "#/steps/0/faults/killed:"),
            (#"{"steps":[{"event":{"path":"/"},"expect":{}}]}"#, "#/steps/0/expect:"),
            (#"{"steps":[{"event":{"path":"/"},"times":3}]}"#, "#/steps/0/times: is unknown"),
            (#"{"steps":[{"parallel":[{"event":{"path":"/"},"times":0}]}]}"#, "#/steps/0/parallel/0/times:"),
            (#"{"steps":[{"event":{"path":"/"}}],"given":{"store":1}}"#, "#/given/store:"),
        ]
    )
    func unreadable(text: String, place: String) async throws {
        let (code, output) = try await replay(text)
        #expect(code == .unreadableFixture)
        #expect(output.contains("ERROR   s.scenario.json") && output.contains(place), "\(output)")
    }

    @Test("$${ stands for a literal ${, and references can name environment variables")
    func literal() async throws {
        let (code, output) = try await replay(
            #"{"steps":[{"event":{"path":"/$${a}"},"expect":{"status":404}},{"event":{"path":"/${env.NO_SUCH}"}}]}"#
        )
        #expect(code == .expectationFailed)
        #expect(output.contains("refers to NO_SUCH of the environment, which is not set"))
    }
}
