import FunctionCore
import FunctionEventLoop
import FunctionTesting
import LocalRuntimeConsole
import LocalRuntimeFixtures
import LocalRuntimeReplay

/// The fixtures of a folder, with the result of each one's last run from the page.
final class FixtureBoard: Sendable {
    let folder: String
    private let environment: [String: String]
    private let loop: EventLoop
    private let state = Lock(State())

    fileprivate struct State: Sendable {
        /// Grows with every change.
        var revision = 0
        /// Sorted by the fixtures' names.
        var entries: [Entry] = []
        var isRunning = false

        mutating func change(_ files: FixtureFiles, _ body: (inout Entry) -> Void) {
            guard let index = entries.firstIndex(where: { $0.files == files }) else { return }
            revision += 1
            entries[index].revision = revision
            body(&entries[index])
        }
    }

    fileprivate struct Entry: Sendable {
        let files: FixtureFiles
        var revision: Int
        var result = Result.none
    }

    fileprivate enum Result: Sendable {
        case none
        case waiting
        case done(Verdict, milliseconds: Int)
    }

    /// Why a run is refused.
    enum Refusal: Error, Sendable {
        case alreadyRunning
        case unknownFixture
    }

    /// Runs fixtures on `loop` in this process, each with its own store. They may refer to `environment`.
    init(_ folder: String, environment: [String: String] = [:], loop: EventLoop) {
        self.folder = folder
        self.environment = environment
        self.loop = loop
    }

    /// Reads which fixtures there are now, and keeps the results of those that are still there.
    func look() {
        let found = (try? FixtureFiles.find([folder])) ?? []
        state.withLock { state in
            guard found != state.entries.map(\.files) else { return }
            state.revision += 1
            let known = Dictionary(uniqueKeysWithValues: state.entries.map { ($0.files, $0) })
            // Every entry counts as changed, because the page rebuilds its list when it gets all of them.
            state.entries = found.map { files in
                var entry = known[files] ?? Entry(files: files, revision: 0)
                entry.revision = state.revision
                return entry
            }
        }
    }

    /// Runs the fixture of that name, or all of them; returns at once.
    func run(_ name: String?) throws(Refusal) {
        look()
        let chosen = try state.withLock { state throws(Refusal) in
            guard !state.isRunning else { throw .alreadyRunning }
            let chosen = state.entries.map(\.files).filter { name == nil || self.shown($0) == name }
            guard name == nil || !chosen.isEmpty else { throw .unknownFixture }
            state.isRunning = !chosen.isEmpty
            for files in chosen { state.change(files) { $0.result = .waiting } }
            return chosen
        }
        if !chosen.isEmpty { loop.start { await self.run(chosen) } }
    }

    private func run(_ fixtures: [FixtureFiles]) async {
        // One after the other, so that each one's time is its own.
        for files in fixtures { await run(files) }
        state.withLock { state in
            state.revision += 1
            state.isRunning = false
        }
    }

    private func run(_ files: FixtureFiles) async {
        let backEnd = InProcess(contract: .direct, loop: loop)
        let result = await Replay(environment: environment).run(files, in: backEnd)
        let milliseconds = Interval(result.duration).milliseconds
        state.withLock { state in
            state.change(files) { $0.result = .done(result.verdict, milliseconds: milliseconds) }
        }
    }

    /// Writes the entries that changed after `revision`, and the revision for the next request.
    func write(to json: inout JSONWriter, after revision: Int) {
        let state = state.withLock { $0 }
        json.object {
            $0.member("latest", state.revision)
            $0.member("folder", folder)
            $0.member("running", state.isRunning)
            $0.member("count", state.entries.count)
            $0.name("fixtures")
            $0.array { json in
                for entry in state.entries where entry.revision > revision { write(entry, to: &json) }
            }
        }
    }

    private func write(_ entry: Entry, to json: inout JSONWriter) {
        json.object {
            $0.member("name", shown(entry.files))
            switch entry.result {
            case .none: $0.member("state", "not_run")
            case .waiting: $0.member("state", "waiting")
            case .done(let verdict, let milliseconds):
                $0.member("state", verdict.word)
                $0.member("text", Secrets.masked(verdict.explanation))
                $0.member("milliseconds", milliseconds)
            }
        }
    }

    /// The fixture's name relative to the folder.
    private func shown(_ files: FixtureFiles) -> String {
        guard files.name.hasPrefix(folder) else { return files.name }
        return String(files.name.dropFirst(folder.count).drop { $0 == "/" })
    }
}

extension Verdict {
    /// The verdict's reasons in lines; empty if it passed.
    var explanation: String {
        switch self {
        case .passed: ""
        case .withoutExpectation(let status, _, _): "no expectation; status \(status)"
        case .failed(let failure):
            failure.mismatches.map { "\($0.pointer)\n  expected  \($0.expected)\n  actual    \($0.actual)\n" }.joined()
                + (failure.request.map { "\($0)\n" } ?? "")
                + (failure.log.map { "the function's reason: \($0)\n" } ?? "")
        case .notCarried(let reason), .unreadable(let reason), .couldNotRun(let reason): reason
        }
    }
}
