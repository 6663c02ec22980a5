import Foundation
import FunctionEventLoop
import FunctionPlatforms
import Glibc
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeCommands
@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeLambda

/// An emulator for one test, with the test's own bootstrap.
struct LambdaHarness: Sendable {
    let port: UInt16
    private let emulator: LambdaEmulator
    private let loop: EventLoop
    private let stopping = Lock<Task<Void, Never>?>(nil)
    private let platformLog: CapturedConsole
    private let functionLog: String

    /// Lambda's own lines.
    var log: String { platformLog.messages }

    /// The function's own lines.
    var output: String { (try? String(contentsOfFile: functionLog, encoding: .utf8)) ?? "" }

    /// Runs the emulator while `body` runs. When this returns, every process has ended.
    static func run(
        _ bootstrap: String = ScriptedBootstrap.text,
        front: PlatformEvent.Kind = .gatewayV2,
        variables: [String: String] = [:],
        access: LambdaAccess = LambdaAccess(),
        bufferedLog: Int32? = nil,
        with change: (inout LambdaSettings) -> Void = { _ in },
        whenStopped: (LambdaHarness) -> Void = { _ in },
        _ body: (LambdaHarness) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        try folder.write("bootstrap.text", bootstrap)
        try folder.write("log", "")
        let path = folder.path + "/bootstrap"
        // A file that is open for writing cannot be executed, and a process that another test starts meanwhile would
        // inherit this one's descriptor. Hence cp(1) writes the file.
        let copy = try Spawn.process(["/bin/cp", folder.path + "/bootstrap.text", path])
        waitpid(copy, nil, 0)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        let log = open(folder.path + "/log", O_WRONLY | O_APPEND | O_CLOEXEC)
        defer { close(log) }

        var settings = LambdaSettings()
        // Other tests may keep the processors busy.
        settings.timeout = .seconds(60)
        settings.initTimeout = .seconds(60)
        settings.variables = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "", "MARK": folder.path + "/mark"]
            .merging(variables) { $1 }
        change(&settings)
        let loop = try EventLoop()
        loop.runOnNewThread()
        let captured = CapturedConsole()
        let made = Lock<Result<LambdaEmulator, any Error>?>(nil)
        await loop.start { [settings] in
            // The command writes its log like this; here only if the test gives a descriptor.
            let buffered = bufferedLog.map { BufferedLog(descriptor: $0, on: loop) }
            let result = Result {
                try LambdaEmulator(
                    Bootstrap(path),
                    settings,
                    front: front,
                    host: "127.0.0.1",
                    port: 0,
                    log: captured.console.messages,
                    functionLog: buffered?.output ?? Output(descriptor: log, allowsColor: false),
                    logHasRoom: { buffered?.hasRoom ?? true },
                    access: access,
                    on: loop
                )
            }
            made.withLock { $0 = result }
        }.value
        // The task above has set it.
        let emulator = try made.withLock { $0! }.get()
        let harness = LambdaHarness(
            port: try #require(emulator.address.port),
            emulator: emulator,
            loop: loop,
            platformLog: captured,
            functionLog: folder.path + "/log"
        )
        let result: Result<Void, any Error>
        do {
            try await body(harness)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await harness.stop().value
        loop.stop()
        whenStopped(harness)
        try result.get()
    }

    /// Begins to stop the emulator; the task ends when that is done.
    @discardableResult
    func stop() -> Task<Void, Never> {
        stopping.withLock { stopping in
            let task = stopping ?? loop.start { [emulator] in await emulator.stop() }
            stopping = task
            return task
        }
    }

    /// The whole response to an invoke call with this event.
    func invoke(
        _ event: String,
        name: String = "function",
        streams: Bool = false,
        query: String = "",
        fields: String = ""
    ) async throws -> String {
        let path =
            (streams
                ? "/2021-11-15/functions/\(name)/response-streaming-invocations"
                : "/2015-03-31/functions/\(name)/invocations") + query
        return try await ask(port, path, method: "POST", fields: fields, body: event)
    }

    /// The content of the response to an invoke call.
    func result(_ event: String) async throws -> String {
        try await invoke(event).content
    }

    /// The gateway's response to a client.
    func front(_ order: String) async throws -> String {
        try await ask(port, "/path", method: "POST", fields: "Content-Type: application/json\r\n", body: order)
    }
}

extension String {
    /// The part of a response after its head.
    var content: String {
        firstRange(of: "\r\n\r\n").map { String(self[$0.upperBound...]) } ?? ""
    }
}

/// The state of a process in the letters of proc_pid_stat(5), such as `T` for stopped; nil if there is no such process.
func state(ofProcess id: Int) -> Character? {
    guard let stat = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8) else { return nil }
    // The state follows the name, which is in parentheses.
    return stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].dropFirst(2).first
}
