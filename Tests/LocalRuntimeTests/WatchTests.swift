import Foundation
import FunctionEventLoop
import LocalRuntimeReplay
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeCommands
@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeLambda

@Suite("A watch of fixtures")
struct WatchTests {
    private static let key = "sk_Fixed1theOnlySecretOfAFixtureNumber13PezG0"

    /// A watch of a folder with two fixtures, of which one fails.
    private final class Watching {
        let folder: TemporaryFolder
        private let captured = CapturedConsole()
        private let loop: EventLoop
        private let task: Task<Void, Never>
        private var heard = ""

        init() async throws {
            folder = try TemporaryFolder()
            try folder.write("events/a.json", #"{"path":"/"}"#)
            try folder.write("events/a.expect.json", #"{"status":500}"#)
            try folder.write("events/b.json", #"{"path":"/"}"#)
            loop = try EventLoop()
            loop.runOnNewThread()
            let fixtures = FixtureWatch(
                choice: FixtureChoice(paths: [folder.path + "/events"], filters: []),
                contracts: [.direct],
                console: captured.console,
                loop: loop
            )
            task = loop.start { [loop] in
                guard let watch = try? FolderWatch(fixtures.folders, files: fixtures.givensFiles, on: loop) else {
                    return
                }
                await fixtures.run(watch)
                watch.end()
            }
            // A child process of another test may hold one of these files open for a moment. Its close counts as a
            // change, whose output may already follow that of the first run.
            _ = await waitUntil { self.text.contains("  1 of 2 is red: events/a\n") }
            #expect(text.contains("  2 fixtures\n") && text.contains("0 passed, 1 failed, 1 without expectation\n"))
            heard = said
        }

        func end() async {
            task.cancel()
            await task.value
            loop.stop()
        }

        /// Waits for output that ends with `ending` and a summary line, which ends with `red`. Returns the output since the
        /// last call.
        func says(_ ending: String, red: String = "") async -> String {
            func isEnd(_ text: String) -> Bool {
                guard let last = text.dropLast().lastIndex(of: "\n") else { return false }
                return text[...last].hasSuffix(ending) && ["red", "left"].contains { text[last...].contains($0) }
            }
            _ = await waitUntil { isEnd(self.text) }
            let text = self.text
            #expect(isEnd(text) && text.hasSuffix(red), "\(text)")
            heard = said
            return text
        }

        private var said: String { captured.output.replacingOccurrences(of: folder.path + "/", with: "") }
        private var text: String { String(said.dropFirst(heard.count)) }

        func move(_ from: String, _ to: String) {
            #expect(rename(folder.path + "/" + from, folder.path + "/" + to) == 0)
        }

        func remove(_ name: String) throws {
            try FileManager.default.removeItem(atPath: folder.path + "/" + name)
        }
    }

    @Test("runs a fixture at once when it is written")
    func written() async throws {
        let watching = try await Watching()
        let start = Instant.now
        try watching.folder.write("events/a.expect.json", #"{"status":404}"#)
        let said = await watching.says("ok      events/a\n\n1 passed, 0 failed\n", red: "  none of 2 is red\n")
        // It takes 10 ms on an idle machine; other tests run at the same time here.
        #expect(Instant.now - start < .seconds(5))
        #expect(said.contains("  events/a changed\n") && !said.contains("events/b"))
        await watching.end()
    }

    @Test("notices a file that an editor replaces, a new one, and a removed one")
    func files() async throws {
        let watching = try await Watching()
        try watching.folder.write("events/.a.expect.json.swp", #"{"status":404}"#)
        watching.move("events/.a.expect.json.swp", "events/a.expect.json")
        _ = await watching.says("ok      events/a\n\n1 passed, 0 failed\n")

        try watching.folder.write("events/c.json", "{")
        let unreadable = await watching.says(
            "\n\n0 passed, 0 failed, 1 unreadable\n",
            red: "  1 of 3 is red: events/c\n"
        )
        #expect(unreadable.contains("ERROR   events/c.json:1:2:"))

        try watching.remove("events/c.json")
        _ = await watching.says("  events/c gone\n", red: "  none of 2 is red\n")

        try watching.remove("events/a.expect.json")
        _ = await watching.says("0 passed, 0 failed, 1 without expectation\n")
        await watching.end()
    }

    @Test("notices folders that are new, renamed, or away for a while")
    func folders() async throws {
        let watching = try await Watching()
        try watching.folder.write("events/new/deep/c.json", #"{"path":"/"}"#)
        #expect(await watching.says("1 without expectation\n").contains("events/new/deep/c changed"))

        watching.move("events/new", "events/old")
        let renamed = await watching.says("1 without expectation\n")
        #expect(renamed.contains("events/new/deep/c gone") && renamed.contains("events/old/deep/c changed"))
        try watching.folder.write("events/old/deep/c.expect.json", #"{"status":404}"#)
        _ = await watching.says("ok      events/old/deep/c\n\n1 passed, 0 failed\n")

        watching.move("events", "away")
        #expect(await watching.says(" gone\n").contains("  3 fixtures gone"))
        watching.move("away", "events")
        #expect(await watching.says("1 passed, 1 failed, 1 without expectation\n").contains("3 fixtures changed"))
        try watching.folder.write("events/a.expect.json", #"{"status":404}"#)
        #expect(await watching.says("1 passed, 0 failed\n").contains("events/a changed"))
        await watching.end()
    }

    @Test("a change of a file of givens runs the fixtures that use it, even if it is above the folder")
    func givens() async throws {
        let watching = try await Watching()
        try watching.folder.write("givens.json", #"{"down":{"store":"down"}}"#)
        let token = #"{"path":"/api/v1/token","headers":{"authorization":"Bearer \#(Self.key)"}}"#
        try watching.folder.write("events/deep/g.expect.json", #"{"given":"down","status":500}"#)
        try watching.folder.write("events/deep/g.json", token)
        _ = await watching.says("ok      events/deep/g\n\n1 passed, 0 failed\n", red: "  1 of 3 is red: events/a\n")

        try watching.folder.write("givens.json", #"{"down":{}}"#)
        let changed = await watching.says("0 passed, 1 failed\n", red: "  2 of 3 are red: events/a, events/deep/g\n")
        #expect(changed.contains("  events/deep/g changed\n") && !changed.contains("events/b"))

        // A nearer file takes its place, and goes again.
        try watching.folder.write("events/givens.json", #"{"down":{"store":"down"}}"#)
        _ = await watching.says("ok      events/deep/g\n\n1 passed, 0 failed\n", red: "  1 of 3 is red: events/a\n")
        try watching.remove("events/givens.json")
        _ = await watching.says("0 passed, 1 failed\n", red: "  2 of 3 are red: events/a, events/deep/g\n")
        try watching.remove("givens.json")
        let gone = await watching.says("\n\n0 passed, 0 failed, 1 unreadable\n")
        #expect(gone.contains("events/deep/g.expect.json#/given: names a given"))
        await watching.end()
    }

    @Test("runs a scenario when a file of its events is written")
    func delivered() async throws {
        let watching = try await Watching()
        try watching.folder.write("events/s.scenario.json", #"{"steps":[{"event":"b.json","expect":{"status":404}}]}"#)
        _ = await watching.says("1 passed, 0 failed\n")
        try watching.folder.write("events/b.json", #"{"path":"/b"}"#)
        let said = await watching.says("1 passed, 0 failed, 1 without expectation\n")
        #expect(said.contains("ok?     events/b") && said.contains("ok      events/s"))
        await watching.end()
    }
}

@Suite("The watch command")
struct WatchCommandTests {
    /// Replaces the toolchain: its build is a link to the command.
    private static let swift = """
        #!/bin/sh
        echo "$*" >> calls
        echo "[1/2] Compiling LocalRuntime a.swift"
        if grep -q wrong Sources/a.swift; then
            echo "Sources/a.swift:1:1: error: that is wrong"
            echo "1 | wrong"
            exit 1
        fi
        if grep -q slow Sources/a.swift; then
            sleep 1000 &
            echo $! > sleeper.new && mv sleeper.new sleeper
            trap 'kill $!; exit 1' INT
            wait
        fi
        mkdir -p .build/release
        ln -sf "$COMMAND" .build/release/local-runtime
        """

    @Test("rebuilds when the sources change, restarts as the new build, and leaves no child at Ctrl-C")
    func sources() async throws {
        let folder = try TemporaryFolder()
        try folder.write("Package.swift", "")
        try folder.write("local-runtime/Harness/a.swift", "")
        try folder.write("Sources/a.swift", "")
        try folder.write("events/a.json", #"{"path":"/"}"#)
        try folder.write("events/a.expect.json", #"{"status":404}"#)
        try folder.write("bin/swift.sh", Self.swift)
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let command = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("local-runtime")
            .path
        // Copied by the shell: a file that this process wrote may still be open in another test's child, and then exec(2)
        // fails.
        let script = """
            cd '\(folder.path)' && cp bin/swift.sh bin/swift && chmod +x bin/swift && exec '\(command)' watch > said 2>&1
            """
        let id = try Spawn.process(
            ["/bin/sh", "-c", script],
            environment: ["PATH=\(folder.path)/bin:/usr/bin:/bin", "COMMAND=\(command)"]
        )
        let watchdog = try Watchdog(killing: id)
        var status: Int32?
        defer {
            watchdog.dismiss()
            if status == nil {
                kill(id, SIGKILL)
                waitpid(id, nil, 0)
            }
        }
        func said() -> String { (try? String(contentsOfFile: folder.path + "/said", encoding: .utf8)) ?? "" }
        /// Whether a process has begun to watch and has run all fixtures for the `count`th time.
        func hasRun(_ count: Int) -> Bool {
            let parts = said().components(separatedBy: "  1 fixture\n")
            return parts.count == count + 1 && parts[count].contains("1 passed, 0 failed\n")
        }

        // The sources are newer than the command: it runs the fixtures, rebuilds, and runs them again.
        #expect(await waitUntil { hasRun(2) }, "\(said())")
        #expect(said().contains("  the sources are newer than this command\n"))
        #expect(said().contains("  [1/2] Compiling LocalRuntime a.swift\n"))
        let calls = try String(contentsOfFile: folder.path + "/calls", encoding: .utf8)
        #expect(calls == "build -c release --product local-runtime\n")

        try folder.write("Sources/a.swift", "wrong")
        // Not the last line: a fixture that another test's child held open may be reported after it.
        #expect(await waitUntil { said().contains("  the build failed; waiting for a change\n") }, "\(said())")
        #expect(said().contains("\nSources/a.swift:1:1: error: that is wrong\n1 | wrong\n"))
        try folder.write("events/a.expect.json", #"{"status":404}"#)
        #expect(
            await waitUntil { said().contains("  events/a changed\nok      events/a\n\n1 passed, 0 failed\n") },
            "\(said())"
        )

        try folder.write("Sources/a.swift", "right")
        #expect(await waitUntil { hasRun(3) }, "\(said())")
        try folder.write("local-runtime/Harness/.a.swift.swp", "")
        try folder.write("Package.swift", "// changed")
        #expect(await waitUntil { hasRun(4) }, "\(said())")
        #expect(!said().contains(".swp"))

        try folder.write("Sources/a.swift", "slow")
        var sleeper: pid_t?
        #expect(
            await waitUntil {
                let text = try? String(contentsOfFile: folder.path + "/sleeper", encoding: .utf8)
                sleeper = text.flatMap { pid_t($0.dropLast()) }
                return sleeper != nil
            }
        )
        #expect(kill(id, SIGINT) == 0)
        var ended: Int32 = 0
        #expect(waitpid(id, &ended, 0) == id)
        status = ended
        #expect(ended == 0, "\(said())")
        let child = try #require(sleeper)
        #expect(await waitUntil(within: .seconds(5)) { kill(child, 0) != 0 })
    }
}
