import CFunctionLinux
import Glibc

/// Calls back on its loop in every turn in which a descriptor has something to read or is at its end.
///
/// Lives on its loop's thread. The owner of the descriptor closes it after ``cancel()``.
public final class ReadableSource: Pollable {
    private let descriptor: Int32
    private let loop: EventLoop
    private let ready: () -> Void
    private var slot: Int?

    public init(_ descriptor: Int32, on loop: EventLoop, ready: @escaping () -> Void) throws(SystemError) {
        self.descriptor = descriptor
        self.loop = loop
        self.ready = ready
        slot = try loop.poller.add(descriptor, events: EPOLLIN.rawValue, self)
    }

    /// Stops calling back. The descriptor may be watched again afterwards.
    public func cancel() {
        guard let slot else { return }
        self.slot = nil
        loop.poller.remove(descriptor, slot: slot)
    }

    func becameReady(_ events: UInt32) {
        ready()
    }
}

/// Delivers the process' signals to a loop (signalfd(2)), so that they do not interrupt running code.
///
/// Lives on its loop's thread. ``block(_:)`` must have blocked the signals before any thread starts.
public final class SignalSource: Pollable {
    private let descriptor: Int32
    private let received: (Int32) -> Void

    /// Delivers `signals` as long as the loop lives.
    @discardableResult
    public init(_ signals: [Int32], on loop: EventLoop, received: @escaping (Int32) -> Void) throws(SystemError) {
        var set = Self.set(of: signals)
        descriptor = signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError("signalfd") }
        self.received = received
        try loop.poller.add(descriptor, events: EPOLLIN.rawValue, self)
    }

    deinit {
        close(descriptor)
    }

    /// Blocks `signals`, and with that their default action, in this thread and in all threads that it starts.
    public static func block(_ signals: [Int32]) {
        var set = set(of: signals)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    private static func set(of signals: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        return set
    }

    func becameReady(_ events: UInt32) {
        var information = signalfd_siginfo()
        while read(descriptor, &information, MemoryLayout<signalfd_siginfo>.size) > 0 {
            received(Int32(information.ssi_signo))
        }
    }
}
