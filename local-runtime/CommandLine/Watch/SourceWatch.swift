import FoundationEssentials
import FunctionEventLoop
import Glibc
import LocalRuntimeConsole

/// Builds this command again when its sources change, and puts what was built in its place.
struct SourceWatch: Sendable {
    let build: Build
    let log: WatchLog
    /// As of when the sources are that this process was built from, in nanoseconds since 1970.
    private let builtAt: Int

    /// What is in the package, beside Package.swift, that this command is built from.
    static let folders = ["Sources", "functions", "local-runtime"]
    /// Tells the process that takes this one's place when its build began.
    private static let variable = "LOCAL_RUNTIME_BUILT_AT"

    static var isInPackage: Bool {
        let exists = FileManager.default.fileExists(atPath:)
        return exists("Package.swift") && exists("local-runtime/Harness")
    }

    init(_ build: Build, log: WatchLog, environment: [String: String]) {
        self.build = build
        self.log = log
        builtAt = environment[Self.variable].flatMap { Int($0) } ?? Self.time("/proc/self/exe")
    }

    /// Goes on until the task is cancelled, or this process is another. `watch` has to see to ``folders``.
    func run(_ watch: FolderWatch) async {
        if Self.newest() > builtAt {
            log.line("the sources are newer than this command")
            await rebuild(watch)
        }
        while let changes = await watch.next() {
            guard let change = changes.sorted().first(where: Self.isSource) else { continue }
            log.line("\(change) changed")
            await rebuild(watch)
        }
    }

    private func rebuild(_ watch: FolderWatch) async {
        while !Task.isCancelled {
            var start = timespec()
            clock_gettime(CLOCK_REALTIME, &start)
            guard await build.run() else { return }
            // What changed meanwhile may be in what was built, or not.
            guard watch.take().contains(where: Self.isSource) else { return replaceProcess(Self.nanoseconds(start)) }
        }
    }

    /// Has this process run what was built, with the same arguments. Its id, and who waits for it, stay the same.
    private func replaceProcess(_ start: Int) {
        setenv(Self.variable, "\(start)", 1)
        var arguments = ([Build.product] + CommandLine.arguments.dropFirst()).map { strdup($0) } + [nil]
        execv(Build.product, &arguments)
        let reason = String(cString: strerror(errno))
        arguments.forEach { free($0) }
        log.line("\(Build.product) could not be run: \(reason)")
    }

    /// Editors write beside a file, in one that is hidden or ends in ~.
    private static func isSource(_ path: String) -> Bool {
        guard path == "Package.swift" || folders.contains(where: { path == $0 || path.hasPrefix($0 + "/") }) else {
            return false
        }
        return !path.hasSuffix("~") && !path.split(separator: "/").contains { $0.hasPrefix(".") }
    }

    /// When the newest of the sources was changed.
    private static func newest() -> Int {
        let files = folders.flatMap { folder in
            ((try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []).map { "\(folder)/\($0)" }
        }
        return (["Package.swift"] + files.filter(isSource)).map(time).max() ?? 0
    }

    private static func time(_ path: String) -> Int {
        var information = stat()
        return stat(path, &information) == 0 ? nanoseconds(information.st_mtim) : 0
    }

    private static func nanoseconds(_ time: timespec) -> Int {
        time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
