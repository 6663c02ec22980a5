import FunctionEventLoop
import Glibc
import LocalRuntimeConsole

/// What a function and its platform say, in a file without a name.
final class FunctionLog: @unchecked Sendable {
    // Unchecked: it is touched on its loop's thread alone.

    /// Where the function's own lines go.
    let descriptor: Int32
    /// Invocations that are over, and those that are waited for.
    private var ended: Set<String> = []
    private var waiting: [String: Promise<Void>] = [:]

    private static let end = "END RequestId: "
    /// Lambda's lines about every invocation.
    private static let routine = ["START ", end, "REPORT ", "INIT_REPORT "]
    /// The most bytes that are shown: the last ones.
    private static let limit = 16 * 1024
    /// How long an invocation may take from its answer to its end: it gives back then what it holds.
    private static let patience = Interval.seconds(10)

    init() throws(SystemError) {
        let path = TemporaryFiles.path("function-log")
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let code = errno
            throw SystemError("open \(path)", code)
        }
        unlink(path)
    }

    deinit {
        close(descriptor)
    }

    /// How much was said so far, in bytes.
    var count: Int {
        var information = stat()
        return fstat(descriptor, &information) == 0 ? Int(information.st_size) : 0
    }

    /// The platform's own lines.
    func write(_ text: String) {
        let bytes = Array(text.utf8)
        // What does not fit on the disk is not shown either.
        _ = Glibc.write(descriptor, bytes, bytes.count)
        for line in text.split(separator: "\n") where line.hasPrefix(Self.end) {
            let id = String(line.dropFirst(Self.end.count))
            ended.insert(id)
            waiting.removeValue(forKey: id)?.fulfil()
        }
    }

    /// Returns when an invocation is over: all is settled then, and said.
    func waitForEnd(of id: String, on loop: EventLoop) async {
        guard !ended.contains(id) else { return }
        let end = Promise<Void>()
        waiting[id] = end
        let timer = Timer(on: loop, at: .now + Self.patience) { end.fulfil() }
        await end.wait()
        timer.cancel()
    }

    /// What was said behind the first `start` bytes, without what is said of every invocation; nil if that is nothing.
    func text(from start: Int) -> String? {
        let end = count
        var bytes = [UInt8](repeating: 0, count: min(Self.limit, max(0, end - start)))
        let read = pread(descriptor, &bytes, bytes.count, end - bytes.count)
        let lines = String(decoding: bytes.prefix(max(0, read)), as: UTF8.self).split(separator: "\n").filter { line in
            !Self.routine.contains(where: line.hasPrefix)
        }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }
}
