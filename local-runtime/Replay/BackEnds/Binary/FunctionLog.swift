import FunctionEventLoop
import Glibc
import LocalRuntimeConsole

/// The log of a function and its platform, in an unlinked file.
final class FunctionLog: @unchecked Sendable {
    // Unchecked: it is touched on its loop's thread alone.

    /// Takes the function's own lines.
    let descriptor: Int32
    /// The invocations that are over.
    private var ended: Set<String> = []
    /// Invocations whose end somebody waits for.
    private var waiting: [String: Promise<Void>] = [:]

    private static let end = "END RequestId: "
    /// The beginnings of the lines that Lambda writes for every invocation.
    private static let routine = ["START ", end, "REPORT ", "INIT_REPORT "]
    /// Only the last bytes are shown, at most this many.
    private static let limit = 16 * 1024
    /// How long an invocation may take from its response to its end, in which it releases its reservation.
    private static let timeout = Interval.seconds(10)

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

    /// The size of the log so far, in bytes.
    var count: Int {
        var information = stat()
        return fstat(descriptor, &information) == 0 ? Int(information.st_size) : 0
    }

    /// Writes the platform's own lines.
    func write(_ text: String) {
        let bytes = Array(text.utf8)
        // If the disk is full, these lines are missing in the report.
        _ = Glibc.write(descriptor, bytes, bytes.count)
        for line in text.split(separator: "\n") where line.hasPrefix(Self.end) {
            let id = String(line.dropFirst(Self.end.count))
            ended.insert(id)
            waiting.removeValue(forKey: id)?.fulfil()
        }
    }

    /// Waits until an invocation is over: everything is settled and logged then.
    func waitForEnd(of id: String, on loop: EventLoop) async {
        guard !ended.contains(id) else { return }
        let end = Promise<Void>()
        waiting[id] = end
        let timer = Timer(on: loop, at: .now + Self.timeout) { end.fulfil() }
        await end.wait()
        timer.cancel()
    }

    /// The log after the first `start` bytes, without the routine lines; nil if nothing is left.
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
