import FunctionEventLoop
import Glibc

/// What a process writes to its outputs: a pipe, whose other end is read here, on the loop's thread.
final class ProcessLog {
    /// The end for the process; its own to close once the process has it: ``release()``.
    private(set) var writeEnd: Int32
    private var readEnd: Int32
    private var source: ReadableSource?
    private let loop: EventLoop
    private let mayTake: () -> Bool
    private let take: ([UInt8]) -> Void
    private var pause: Timer?
    private var isAtEnd = false

    /// What a pipe holds at most, unless somebody asks for more (pipe(7)).
    private static let capacity = 64 * 1024

    /// Hands whatever comes to `take`, until ``close()``. While `mayTake` says no, the process has to wait.
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
        source = try ReadableSource(readEnd, on: loop) { [unowned self] in becameReadable() }
    }

    private func becameReadable() {
        if mayTake() {
            _ = read(upTo: Self.capacity)
            return
        }
        // Else it would be told of again and again.
        source?.cancel()
        source = nil
        pause = Timer(on: loop, at: .now + .milliseconds(20)) { [unowned self] in try? listen() }
    }

    /// The process has its end.
    func release() {
        guard writeEnd >= 0 else { return }
        Glibc.close(writeEnd)
        writeEnd = -1
    }

    /// Hands over all that was written before. What is written meanwhile may come later: it could go on for ever.
    func drain() {
        var rest = Self.capacity
        while rest > 0, case let count = read(upTo: rest), count > 0 { rest -= count }
    }

    /// Reads no more.
    func close() {
        pause?.cancel()
        source?.cancel()
        source = nil
        release()
        guard readEnd >= 0 else { return }
        Glibc.close(readEnd)
        readEnd = -1
    }

    /// How much was read; 0 if there is nothing, or nothing will be.
    private func read(upTo limit: Int) -> Int {
        guard readEnd >= 0, !isAtEnd else { return 0 }
        let buffer = UnsafeMutableRawBufferPointer(rebasing: loop.scratch[..<min(limit, loop.scratch.count)])
        let count = Glibc.read(readEnd, buffer.baseAddress, buffer.count)
        if count > 0 {
            take(Array(buffer[..<count]))
        } else if count == 0 {
            // Nobody holds the other end any more, which epoll would tell again and again.
            isAtEnd = true
            source?.cancel()
            source = nil
        }
        return max(0, count)
    }
}
