import Foundation
import FunctionEventLoop
import Glibc
import Support

/// A program that is built into the same folder as the tests.
enum Executable: String, Sendable {
    case token
    case stream
    case admit
    case localRuntime = "local-runtime"
}

/// A process of a built program. It ends with the test process at the latest.
final class FunctionProcess: Sendable {
    let id: pid_t
    private let watchdog: Watchdog
    /// The read end of the pipe for its output.
    private let input: Int32
    private let state = Lock(State())

    private struct State {
        var output: [UInt8] = []
        var isRead = false
        /// As waitpid(2) reports it.
        var status: Int32?
    }

    /// Starts it with `settings` as its whole environment. Its output is read at once if `reads`. `descriptors` limits how
    /// many it may have open.
    init(
        _ executable: Executable,
        _ settings: [String: String],
        arguments: [String] = [],
        reads: Bool = true,
        descriptors: Int? = nil
    ) throws {
        let (input, output) = try Spawn.makePipe()
        defer { close(output) }
        self.input = input
        let environment = Self.environment(settings).map { "\($0)=\($1)" }
        let limited = descriptors.map { ["/bin/sh", "-c", #"ulimit -n \#($0) && exec "$0" "$@""#] } ?? []
        let command = limited + [Self.path(of: executable)] + arguments
        id = try Spawn.process(command, environment: environment, output: output)
        watchdog = try Watchdog(killing: id)
        if reads { read() }
    }

    /// The environment of a function with these settings: also the sanitizers' options, by which a test of a sanitized
    /// function sees its report in the exit code.
    static func environment(_ settings: [String: String]) -> [String: String] {
        let inherited = ProcessInfo.processInfo.environment.filter {
            ["SWIFT_BACKTRACE", "ASAN_OPTIONS", "TSAN_OPTIONS"].contains($0.key)
        }
        return settings.merging(inherited) { own, _ in own }
    }

    deinit {
        Glibc.kill(id, SIGKILL)
        watchdog.dismiss()
        state.withLock { if $0.status == nil { waitpid(id, nil, 0) } }
        // The thread that reads has its own descriptor.
        close(input)
    }

    static func path(of executable: Executable) -> String {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent(executable.rawValue).path
    }

    /// Begins to read its output on a new thread.
    func read() {
        let descriptor = fcntl(input, F_DUPFD_CLOEXEC, 0)
        Thread.detachNewThread { [state] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = Glibc.read(descriptor, &buffer, buffer.count)
                state.withLock { state in
                    if count > 0 { state.output += buffer[..<count] } else { state.isRead = true }
                }
                guard count > 0 else { break }
            }
            close(descriptor)
        }
    }

    /// All that it has written so far.
    var output: String { state.withLock { String(decoding: $0.output, as: UTF8.self) } }

    func signal(_ number: Int32) {
        Glibc.kill(id, number)
    }

    /// The port it listens on, from its log.
    func port() async throws -> UInt16 {
        try await eventually("the function says where it listens") { self.portSaid != nil }
        return try portSaid.orThrow("no port")
    }

    private var portSaid: UInt16? {
        output.firstMatch(of: /"address":"[^"]*:(\d+)"/).flatMap { UInt16($0.1) }
    }

    /// Waits until it has ended and all its output was read. Returns its exit code, or the negated signal that ended it.
    func exitCode() async throws -> Int32 {
        try await eventually("the function ends", within: .seconds(15)) {
            self.state.withLock { state in
                if state.status == nil {
                    var status: Int32 = 0
                    if waitpid(self.id, &status, WNOHANG) == self.id { state.status = status }
                }
                return state.status != nil && state.isRead
            }
        }
        let status = state.withLock { $0.status ?? 0 }
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : -signal
    }

    /// Kills it and waits until it is gone.
    func kill() async throws {
        signal(SIGKILL)
        _ = try await exitCode()
    }

    var threadCount: Int { get throws { try entries(of: "task") } }
    var descriptorCount: Int { get throws { try entries(of: "fd") } }

    /// Its peak memory, in bytes (VmHWM, proc_pid_status(5)).
    var peakMemory: Int {
        get throws {
            let status = try String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
            let kilobytes = status.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.1) }
            return try kilobytes.orThrow("no VmHWM") * 1024
        }
    }

    /// The processor time it has used, in clock ticks (proc_pid_stat(5)).
    var processorTime: Int {
        get throws {
            let stat = try String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
            // The name in parentheses is the second field; user and system time are the 14th and 15th.
            let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
            return fields[12...13].reduce(0) { $0 + (Int($1) ?? 0) }
        }
    }

    /// The signals that are pending, as a mask (ShdPnd, proc_pid_status(5)).
    var pendingSignals: UInt64 {
        get throws {
            let status = try String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
            let mask = status.firstMatch(of: /ShdPnd:\s+([0-9a-f]+)/).flatMap { UInt64($0.1, radix: 16) }
            return try mask.orThrow("no ShdPnd")
        }
    }

    /// The cores that each of its threads may run on.
    var allowedCores: [[Int]] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/task").map {
                try Self.allowedCores(of: "\(id)/task/\($0)")
            }
        }
    }

    /// The cores that the process or thread of a folder in /proc may run on.
    static func allowedCores(of folder: String) throws -> [Int] {
        try String(contentsOfFile: "/proc/\(folder)/status", encoding: .utf8).allowedCores
    }

    private func entries(of folder: String) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/\(folder)").count
    }
}

extension String {
    /// The cores in the line Cpus_allowed_list of a status file, such as `0-3,5` (proc(5)).
    fileprivate var allowedCores: [Int] {
        guard let list = firstMatch(of: /Cpus_allowed_list:\s*([\d,-]+)/)?.1 else { return [] }
        return list.split(separator: ",").flatMap { range -> [Int] in
            let ends = range.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last else { return [] }
            return Array(first...last)
        }
    }
}
