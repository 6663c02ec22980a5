import FoundationEssentials
import FunctionEventLoop
import Glibc
import LocalRuntimeConsole

/// Rebuilds this command when its sources change, and restarts it as the new build.
struct SourceWatch: Sendable {
    let build: Build
    let log: WatchLog
    /// When the build of this process began, in nanoseconds since 1970; changes after it are not in this process.
    private let builtAt: Int

    /// The sources of this command, beside Package.swift.
    static let folders = ["Sources", "functions", "local-runtime"]
    /// Passes the time at which a build began to the process that it becomes.
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

    /// Runs until the task is cancelled or a new build replaces this process. `watch` must watch ``folders``.
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
            // The build may or may not contain changes that were made meanwhile, so build again.
            guard watch.take().contains(where: Self.isSource) else { return replaceProcess(Self.nanoseconds(start)) }
        }
    }

    /// Replaces this process by the new build, with the same arguments; the process id and the parent stay the same.
    private func replaceProcess(_ start: Int) {
        setenv(Self.variable, "\(start)", 1)
        var arguments = ([Build.product] + CommandLine.arguments.dropFirst()).map { strdup($0) } + [nil]
        execv(Build.product, &arguments)
        let reason = String(cString: strerror(errno))
        arguments.forEach { free($0) }
        log.line("\(Build.product) could not be run: \(reason)")
    }

    /// Whether a path is a source. Hidden files and names that end in ~ are editors' temporary files.
    private static func isSource(_ path: String) -> Bool {
        guard path == "Package.swift" || folders.contains(where: { path == $0 || path.hasPrefix($0 + "/") }) else {
            return false
        }
        return !path.hasSuffix("~") && !path.split(separator: "/").contains { $0.hasPrefix(".") }
    }

    /// The modification time of the newest source.
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
