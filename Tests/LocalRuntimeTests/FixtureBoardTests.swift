import FunctionCore
import FunctionEventLoop
import FunctionRuntime
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeCommands
@testable import LocalRuntimeConsole

@Suite("The fixtures on the page")
struct FixtureBoardTests {
    private static let key = "sk_Fixed1theOnlySecretOfAFixtureNumber13PezG0"
    private static let files = [
        "a/good.json": #"{"path":"/"}"#, "a/good.expect.json": #"{"status":404}"#,
        "bad.json": #"{"path":"/api/v1/token","headers":{"authorization":"Bearer \#(key)"}}"#,
        "bad.expect.json": #"{"status":200,"headers":{"x":"\#(key)"}}"#,
        "broken.json": "{", "plain.json": #"{"path":"/"}"#,
        "steps.scenario.json": #"{"steps":[{"event":{"path":"/"},"expect":{"status":404}}]}"#,
    ]

    /// Runs `body` with a function that sends a request to the page and returns status and body, and the fixtures' folder.
    private func withPage(
        _ body: (_ ask: (Method, String) async throws -> String, _ folder: TemporaryFolder) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        for (name, text) in Self.files { try folder.write(name, text) }
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        let page = Page(PageAccess(), fixtures: FixtureBoard(folder.path + "/", loop: loop))
        let handler = page.around(FunctionInstance { _ in Response(.noContent) }).handler
        func ask(_ method: Method, _ target: String) async throws -> String {
            let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
            let query = parts.count > 1 ? parts[1] : nil
            let request = Request(method: method, path: parts[0], query: query, headers: [.host: "localhost"])
            let response = await handler(request)
            let body = String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self)
            return "\(response.status) \(body)"
        }
        try await body(ask, folder)
    }

    private func waitUntilDone(_ ask: (Method, String) async throws -> String) async throws -> String {
        while true {
            let told = try await ask(.get, "/fixtures?after=0")
            if told.contains(#""running":false"#) { return told }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test("all fixtures are listed and run, and each verdict is sent")
    func all() async throws {
        try await withPage { ask, folder in
            let listed = try await ask(.get, "/fixtures")
            #expect(listed.hasPrefix(#"200 {"latest":1,"folder":"\#(folder.path)/","running":false,"count":5,"#))
            for name in ["a/good", "bad", "broken", "plain", "steps"] {
                #expect(listed.contains(#"{"name":"\#(name)","state":"not_run"}"#))
            }
            try await expect(ask(.post, "/fixtures/run"), is: #"200 {"success":true}"#)
            let told = try await waitUntilDone(ask)
            for (name, state) in [
                ("a/good", "passed"), ("bad", "failed"), ("broken", "unreadable"), ("plain", "without_expectation"),
                ("steps", "passed"),
            ] {
                #expect(told.contains(#"{"name":"\#(name)","state":"\#(state)","#))
            }
            #expect(told.contains(#""text":"/status\n  expected  200\n  actual    401\n"#))
            #expect(told.contains("broken.json:1:2: ") && told.contains("no expectation; status 404"))
            #expect(!told.contains(Self.key))
        }
    }

    @Test("a single fixture is run, and only changes are sent")
    func one() async throws {
        try await withPage { ask, _ in
            _ = try await ask(.get, "/fixtures")
            #expect(try await ask(.post, "/fixtures/run?name=a%2Fgood").hasPrefix("200 "))
            _ = try await waitUntilDone(ask)
            let changed = try await ask(.get, "/fixtures?after=1")
            #expect(changed.contains(#""count":5,"fixtures":[{"name":"a/good","state":"passed","#))
            #expect(!changed.contains(#""name":"bad""#))
        }
    }

    @Test("an unknown fixture is refused, wherever its name points")
    func unknown() async throws {
        try await withPage { ask, _ in
            for name in ["c", "..%2F..%2Fetc%2Fpasswd", "good", ""] {
                let refused = try await ask(.post, "/fixtures/run?name=\(name)")
                #expect(refused.hasPrefix("404 ") && refused.contains(#""code":"unknown_fixture""#))
            }
        }
    }

    @Test("new files are listed when the page is opened")
    func look() async throws {
        try await withPage { ask, folder in
            _ = try await ask(.get, "/fixtures")
            try folder.write("new.json", #"{"path":"/"}"#)
            #expect(try await ask(.get, "/fixtures?after=1").contains(#""latest":1,"#))
            #expect(try await ask(.get, "/fixtures").contains(#"{"name":"new","state":"not_run"}"#))
        }
    }

    @Test("without fixtures the list is empty, and a run is refused")
    func none() async throws {
        let handler = Page(PageAccess()).around(FunctionInstance { _ in Response(.noContent) }).handler
        let listed = await handler(Request(path: "/fixtures", headers: [.host: "localhost"]))
        try await expect(listed.body.collect(upTo: 1000), is: Array(#"{"latest":0,"count":0,"fixtures":[]}"#.utf8))
        let run = await handler(Request(method: .post, path: "/fixtures/run", headers: [.host: "localhost"]))
        #expect(run.status == .notFound)
    }

    @Test("a missing folder of --events is refused")
    func noFolder() async throws {
        let captured = CapturedConsole()
        try await expect(captured.run(["serve", "--port=0", "--events", "/nowhere"]), is: .commandLine)
        #expect(captured.messages.contains("--events must be a folder, and /nowhere is not one"))
    }
}
