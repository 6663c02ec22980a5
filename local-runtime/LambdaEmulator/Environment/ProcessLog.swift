import FunctionEventLoop
import Glibc

/// The pipe for a process's standard output and error. It is read on the loop's thread.
final class ProcessLog {
    /// The process's end. Once the process has it, ``release()`` closes it here.
    private(set) var writeEnd: Int32
    private var readEnd: Int32
    private var source: ReadableSource?
    private let loop: EventLoop
    private let mayTake: () -> Bool
    private let take: ([UInt8]) -> Void
    private var pause: Timer?
    private var isAtEnd = false

    /// A pipe's default capacity (pipe(7)).
    private static let capacity = 64 * 1024

    /// Hands output to `take` as it comes, until ``close()``. While `mayTake` returns false, nothing is read, and the
    /// process blocks once the pipe is full.
    init(
        on loop: EventLoop,
        mayTake: @escaping () -> Bool = { true },
        take: @escaping ([UInt8]) -> Void
    ) throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemError("pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (readEnd, writeEnd) = (ends[0], ends[1])
        self.loop = loop
        self.mayTake = mayTake
        self.take = take
        _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
        do throws(SystemError) {
            try listen()
        } catch {
            close()
            throw error
        }
    }

    private func listen() throws(SystemError) {
        source = try ReadableSource(readEnd, on: loop) { [weak self] in self?.becameReadable() }
    }

    private func becameReadable() {
        if mayTake() {
            _ = read(upTo: Self.capacity)
            return
        }
        // Otherwise epoll would report it again and again.
        source?.cancel()
        source = nil
        pause = Timer(on: loop, at: .now + .milliseconds(20)) { [weak self] in try? self?.listen() }
    }

    /// Closes the write end, which the process has by now.
    func release() {
        guard writeEnd >= 0 else { return }
        Glibc.close(writeEnd)
        writeEnd = -1
    }

    /// Hands over everything written before this call. Later output may have to wait: a process that keeps writing must
    /// not hold this up forever.
    func drain() {
        var rest = Self.capacity
        while rest > 0, case let count = read(upTo: rest), count > 0 { rest -= count }
    }

    /// Stops reading.
    func close() {
        pause?.cancel()
        source?.cancel()
        source = nil
        release()
        guard readEnd >= 0 else { return }
        Glibc.close(readEnd)
        readEnd = -1
    }

    /// Returns how many bytes were read; 0 if there are none now, or at the end.
    private func read(upTo limit: Int) -> Int {
        guard readEnd >= 0, !isAtEnd else { return 0 }
        let buffer = UnsafeMutableRawBufferPointer(rebasing: loop.scratch[..<min(limit, loop.scratch.count)])
        let count = Glibc.read(readEnd, buffer.baseAddress, buffer.count)
        if count > 0 {
            take(Array(buffer[..<count]))
        } else if count == 0 {
            // All write ends are closed, which epoll would report again and again.
            isAtEnd = true
            source?.cancel()
            source = nil
        }
        return max(0, count)
    }
}
