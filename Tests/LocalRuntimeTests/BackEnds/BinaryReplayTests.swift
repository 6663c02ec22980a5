import Foundation
import Glibc
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeReplay

@Suite("Replay with the executables")
struct BinaryReplayTests {
    private static let mint = ReplayRun.mint
    private static func open(_ members: String, workflow: String = "chat") -> String {
        ReplayRun.open(members, workflow: workflow)
    }

    /// Runs a scenario on its own Redis, and checks that nothing is left there.
    private func replay(_ given: String, _ steps: String..., extra: String = "") async throws -> ReplayRun {
        let redis = try RedisServer()
        let run = try await ReplayRun(
            ["s.scenario.json": #"{"given":{\#(given)},"steps":[\#(steps.joined(separator: ","))]}"#],
            ["--binary=\(ReplayRun.executables)", "--redis", "\(redis.url)"]
        )
        let organizations = CapturedConsole()
        try await expect(organizations.run(["orgs", "list", "--redis", "\(redis.url)"]), is: .success)
        #expect(organizations.output == "")
        return run
    }

    @Test("a scenario goes through both functions and a real Redis")
    func bothFunctions() async throws {
        let run = try await replay(
            ReplayRun.organizations,
            #"{"name":"mint","event":{"path":"/api/v1/token","headers":{"authorization":"Bearer \#(ReplayRun.key)"}},"#
                + #""expect":{"status":200,"headers":{"x-ratelimit-remaining":"9"}}}"#,
            #"{"event":{"method":"POST","path":"/api/v1/run/echo/stream","query":"token=${mint.body.token}","#
                + #""body":"{\"text\":\"hi there\"}"},"expect":{"status":200,"chunks":["hi ","there"],"#
                + #""store":{"organizations":{"acme":{"credits":4,"held":0,"open":0}}}},"again":{"status":401}}"#
        )
        #expect(run.code == .success, "\(run.output)")
        #expect(run.output == "ok      s (binary)\n\n1 passed, 0 failed\n")
    }

    @Test("a given workflow is called over HTTP, streams its output, and can fail at any time")
    func workflow() async throws {
        for (workflow, expectation) in [
            (
                #"{"output":["one ","two"]}"#,
                #"{"status":200,"events":[{"data":"one "},{"data":"two"},{"type":"done"}],"#
                    + #""store":{"tokens":{"\#(ReplayRun.token)":"used"}}}"#
            ),
            (
                #"{"events":[{"type":"a","data":"x\ny","id":"7"}]}"#,
                #"{"status":200,"events":[{"type":"a","data":"x\ny","id":"7"},{"type":"done"}]}"#
            ),
            (
                #"{"output":["one"],"fails":"unavailable"}"#,
                #"{"status":200,"events":[{"data":"one"},{"type":"error","data":{"code":"workflow_unavailable"}}]}"#
            ),
            (
                #"{"output":["one"],"fails":"timed_out"}"#,
                #"{"status":200,"events":[{"data":"one"},{"type":"error","data":{"code":"workflow_timeout"}}]}"#
            ),
            (#"{"fails":"not_found"}"#, #"{"status":404}"#), (#"{"fails":"rejected"}"#, #"{"status":422}"#),
            (
                #"{"fails":"rejected","variable":"prompt"}"#,
                #"{"status":422,"body":{"error":{"$regex":".*\"prompt\"\\."}}}"#
            ),
            (#"{"fails":"busy","retry_after":7}"#, #"{"status":503,"headers":{"retry-after":"7"}}"#),
            (#"{"fails":"unavailable"}"#, #"{"status":502}"#), (#"{"fails":"timed_out"}"#, #"{"status":504}"#),
            (#"{}"#, #"{"status":200,"events":[{"type":"done"}]}"#),
        ] {
            let run = try await replay(
                #"\#(ReplayRun.organizations),"workflow":\#(workflow)"#,
                Self.open(#""expect":\#(expectation)"#)
            )
            #expect(run.code == .success, "\(workflow): \(run.output)")
        }
    }

    @Test("settings are passed as environment variables, and a store that is down as a URL without a server")
    func settings() async throws {
        let clamp = try await replay(
            #"\#(ReplayRun.organizations),"settings":{"TOKEN_TTL_POLICY":"clamp"}"#,
            #"{"event":{"path":"/api/v1/token","query":"ttl=999","headers":{"authorization":"Bearer \#(ReplayRun.key)"}},"#
                + #""expect":{"status":200,"body":{"ttl":300}}}"#
        )
        #expect(clamp.code == .success, "\(clamp.output)")
        let down = try await replay(#""store":"down""#, Self.mint(#""expect":{"status":500}"#))
        #expect(down.code == .success, "\(down.output)")
    }

    @Test("a failing store, a hanging workflow and a deadline affect only their own event")
    func faults() async throws {
        let run = try await replay(
            ReplayRun.organizations,
            Self.mint(#""faults":{"store":"down"},"expect":{"status":500}"#),
            Self.open(
                #""faults":{"workflow":{"output":["word"],"hangs":true},"deadline":"2s"},"#
                    + #""expect":{"status":200,"within":"20s","#
                    + #""events":[{"data":"word"},{"type":"error","data":{"code":"stream_interrupted"}}]}"#
            ),
            Self.mint(#""expect":{"status":200}"#)
        )
        #expect(run.code == .success, "\(run.output)")
    }

    @Test("parallel events go to several processes at once")
    func parallel() async throws {
        let run = try await replay(
            #""organizations":[{"name":"acme","keys":[{"secret":"\#(ReplayRun.key)","limit":1000,"window":60}]}]"#,
            #"{"parallel":[\#(Self.mint(#""times":20"#))],"statuses":{"200":20}}"#
        )
        #expect(run.code == .success, "\(run.output)")
    }

    @Test("time moves, the store is slow or loses a reply, and the process is killed, as the scenario says")
    func gate() async throws {
        let key = ReplayRun.key
        func mint(_ members: String) -> String {
            #"{"event":{"path":"/api/v1/token","query":"ttl=60","headers":{"authorization":"Bearer \#(key)"}},\#(members)}"#
        }
        func open(_ members: String) -> String {
            #"{"event":{"method":"POST","path":"/api/v1/run/echo/stream","query":"token=${lost.body.token}","#
                + #""body":"{\"text\":\"hi\"}"},\#(members)}"#
        }
        let run = try await replay(
            #""organizations":[{"name":"acme","credits":9,"keys":[{"secret":"\#(key)","used":7}],"#
                + #""tokens":[{"token":"\#(ReplayRun.token)","age":59}]}]"#,
            Self.open(#""expect":{"status":200,"store":{"organizations":{"acme":{"credits":8}}}}"#, workflow: "count"),
            mint(#""name":"lost","expect":{"status":200,"headers":{"x-ratelimit-remaining":"2"}}"#),
            #"{"advance":"59s"}"#,
            open(
                #""faults":{"store":{"lost":"commit"}},"expect":{"status":503,"#
                    + #""store":{"organizations":{"acme":{"credits":8,"held":0}}}}"#
            ),
            open(
                #""faults":{"killed":"reserve"},"#
                    + #""expect":{"store":{"organizations":{"acme":{"credits":8,"held":1,"open":0}}}}"#
            ),
            #"{"advance":"36s"}"#,
            open(#""expect":{"status":401,"store":{"organizations":{"acme":{"credits":8,"held":0}}}}"#),
            mint(#""faults":{"store":{"slow":"100ms"}},"expect":{"status":200}"#),
            mint(#""faults":{"store":{"slow":"3s"}},"expect":{"status":500}"#),
            #"{"advance":"5m"}"#,
            #"{"parallel":[\#(mint(#""times":20"#))],"statuses":{"200":10,"429":10}}"#
        )
        #expect(run.code == .success, "\(run.output)")
    }

    @Test("a process can be killed after each store operation", arguments: StoreOperation.allCases)
    func killed(operation: StoreOperation) async throws {
        // Only a stream that is not committed has something to release.
        let workflow = operation == .release ? #"{"fails":"rejected"}"# : #"{"output":["a"]}"#
        let state = ["mint": "live", "reserve": "reserved", "release": "live"][operation.rawValue] ?? "used"
        let open = operation == .commit ? 1 : 0
        let faults = #""faults":{"killed":"\#(operation.rawValue)"},"#
        let expectation =
            #""expect":{"store":{"tokens":{"\#(ReplayRun.token)":"\#(state)"},"#
            + #""organizations":{"acme":{"open":\#(open)}}}}"#
        let step =
            switch operation {
            case .mint: Self.mint(faults + expectation)
            case .admit: ReplayRun.admit(faults + expectation)
            case .reserve, .commit, .release, .end: Self.open(faults + expectation)
            }
        let run = try await replay(#"\#(ReplayRun.organizations),"workflow":\#(workflow)"#, step)
        #expect(run.code == .success, "\(run.output)")
    }

    @Test("a fixture that may fail there is skipped with the reason")
    func notCarried() async throws {
        let long = try await replay(
            #"\#(ReplayRun.organizations),"workflow":{"output":[{"repeat":"a","times":5000}]}"#,
            Self.open(#""expect":{"status":200}"#)
        )
        #expect(
            long.output.contains("skip    s (binary)  not carried: an output of 5000 bytes may come in pieces there")
        )
        #expect(long.output.hasSuffix("0 passed, 0 failed, 1 not carried\n"))
    }

    @Test("a failure shows the log of the function's process, without secrets")
    func log() async throws {
        let run = try await replay(
            #"\#(ReplayRun.organizations),"workflow":{"fails":"unavailable"}"#,
            Self.open(#""expect":{"status":200}"#)
        )
        #expect(run.code == .expectationFailed)
        #expect(run.output.contains("s.scenario.json#/steps/0/expect/status"))
        #expect(run.output.contains(#""message":"request""#) && run.output.contains("the workflow responded with 500"))
        #expect(!run.output.contains("REPORT ") && !run.output.contains(ReplayRun.token))
    }

    @Test("a body that the platform itself may refuse is skipped")
    func longBody() async throws {
        let run = try await replay(
            "",
            #"{"event":{"method":"POST","path":"/","body":{"repeat":"a","times":3200000}},"expect":{"status":404}}"#
        )
        #expect(run.output.contains("not carried: the platform itself may refuse a body of 3200000 bytes"))
    }

    @Test("without a Redis server or the executables, nothing runs")
    func missing() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a.json", #"{"path":"/"}"#)
        let noRedis = CapturedConsole()
        try await expect(noRedis.run(["replay", folder.path, "--binary"]), is: .commandLine)
        #expect(noRedis.messages.contains("--binary needs a Redis server for the functions to use: --redis URL"))
        let both = CapturedConsole()
        try await expect(both.run(["replay", folder.path, "--binary", "--contract", "v1"]), is: .commandLine)
        #expect(both.messages.contains("--contract and --binary exclude each other"))
        let redis = try RedisServer()
        let none = CapturedConsole()
        let words = ["replay", folder.path, "--binary=\(folder.path)", "--redis", "\(redis.url)"]
        try await expect(none.run(words), is: .couldNotRun)
        #expect(none.messages.contains("/token: No such file or directory; script/build makes the executables"))
    }

    @Test("an interrupt leaves nothing behind", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) async throws {
        let redis = try RedisServer()
        let folder = try TemporaryFolder()
        let steps = Self.open(#""faults":{"workflow":{"hangs":true},"deadline":"60s"},"expect":{"status":200}"#)
        try folder.write("s.scenario.json", #"{"given":{\#(ReplayRun.organizations)},"steps":[\#(steps)]}"#)
        let null = Glibc.open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(null) }
        let words = ["replay", folder.path, "--binary=\(ReplayRun.executables)", "--redis", "\(redis.url)"]
        let parent = try Spawn.process([ReplayRun.executables + "/local-runtime"] + words, output: null)
        var status: Int32?
        defer {
            if status == nil {
                kill(parent, SIGKILL)
                waitpid(parent, nil, 0)
            }
        }
        #expect(await waitUntil { Self.children(of: parent).contains { $0.name == "stream" } })
        let children = Self.children(of: parent).map(\.id)
        kill(parent, signal)
        #expect(
            await waitUntil {
                var ended: Int32 = 0
                guard waitpid(parent, &ended, WNOHANG) == parent else { return false }
                status = ended
                return true
            }
        )
        // The exit code is in the second byte of waitpid(2)'s status.
        #expect(status == ExitCode.couldNotRun.rawValue << 8)
        #expect(await waitUntil { children.allSatisfy { state(ofProcess: $0) == nil } })
        let organizations = CapturedConsole()
        try await expect(organizations.run(["orgs", "list", "--redis", "\(redis.url)"]), is: .success)
        #expect(organizations.output == "")
    }

    /// Reads /proc/PID/stat (proc_pid_stat(5)): the name in parentheses, the state, the parent.
    private static func children(of parent: pid_t) -> [(id: Int, name: String)] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { entry in
            guard let id = Int(entry), let stat = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
                let match = stat.firstMatch(of: #/\((.*)\) . (\d+) /#), match.2 == "\(parent)"
            else { return nil }
            return (id, String(match.1))
        }
    }
}
