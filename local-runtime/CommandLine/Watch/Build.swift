import FunctionEventLoop
import Glibc
import LocalRuntimeConsole
import LocalRuntimeLambda

/// A build of this command from the sources in the current folder.
struct Build: Sendable {
    /// The path of the `swift` command.
    let swift: String
    let environment: [String: String]
    let loop: EventLoop
    let log: WatchLog

    static let product = ".build/release/local-runtime"

    /// The maximum of lines that are printed of a failed build.
    private static let shownCount = 60

    /// Nil if there is no `swift` on the PATH.
    init?(environment: [String: String], loop: EventLoop, log: WatchLog) {
        let candidates = (environment["PATH"] ?? "").split(separator: ":").map { $0 + "/swift" }
        guard let swift = candidates.first(where: { access(String($0), X_OK) == 0 }) else { return nil }
        self.swift = String(swift)
        self.environment = environment
        self.loop = loop
        self.log = log
    }

    /// Builds, logs the progress and the compiler's errors, and returns whether it succeeded. Cancelling the task interrupts
    /// the build.
    func run() async -> Bool {
        let start = Instant.now
        log.line("building")
        let output = BuildOutput(log)
        let status: Int32
        do throws(SystemError) {
            status = try await run(output)
        } catch {
            log.line("could not build: \(error)")
            return false
        }
        guard !Task.isCancelled else { return false }
        if status == 0 {
            log.line("built in \((Instant.now - start).milliseconds / 1000) s")
            return true
        }
        for line in output.errors.prefix(Self.shownCount) { log.output.line(Secrets.masked(line)) }
        log.line("the build failed; waiting for a change")
        return false
    }

    private func run(_ output: BuildOutput) async throws(SystemError) -> Int32 {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw SystemError("pipe") }
        defer { ends.forEach { close($0) } }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        // Ends the build even if this process is killed.
        let processGuard = try ProcessGuard()
        let arguments = ["build", "-c", "release", "--product", "local-runtime"]
        let child = try ChildProcess(swift, arguments, in: ".", environment: environment, log: ends[1])
        processGuard.add(child.id)
        let source = try? ReadableSource(ends[0], on: loop) { [ends] in output.read(ends[0]) }
        await withTaskCancellationHandler {
            // The child is reaped only at the end of this function, so its id cannot be reused before.
            let hasEnded = Promise<Void>()
            child.whenEnded(on: loop) { hasEnded.fulfil() }
            await hasEnded.wait()
        } onCancel: {
            // An interrupt, on which SwiftPM ends its own children, which are in other process groups.
            child.signal(SIGINT)
        }
        source?.cancel()
        output.read(ends[0])
        processGuard.remove(child.id)
        return child.reap().status
    }
}

/// The output of a build. Used only on its loop's thread.
private final class BuildOutput {
    private let log: WatchLog
    private var rest: [UInt8] = []
    private var lines: [String] = []
    private var lastProgress: Instant?

    /// The maximum of lines that are kept, and of bytes per line.
    private static let limit = 2000

    init(_ log: WatchLog) {
        self.log = log
    }

    /// The first error and the lines after it; without an error the last lines.
    var errors: some Collection<String> {
        lines.firstIndex { $0.contains("error:") }.map { lines[$0...] } ?? lines.suffix(20)
    }

    func read(_ descriptor: Int32) {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest += buffer[..<count]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                take(String(decoding: rest[..<end].prefix(Self.limit), as: UTF8.self))
                rest.removeFirst(end + 1)
            }
            if rest.count > Self.limit { rest.removeLast(rest.count - Self.limit) }
        }
    }

    private func take(_ line: String) {
        // Logs progress such as `[12/345] Compiling Tokens APIKey.swift` once per second.
        guard line.wholeMatch(of: /\[\d+\/\d+\] .*/) == nil else {
            if let lastProgress, Instant.now < lastProgress + .seconds(1) { return }
            lastProgress = .now
            return log.line(line)
        }
        if lines.count < Self.limit { lines.append(line) }
    }
}
