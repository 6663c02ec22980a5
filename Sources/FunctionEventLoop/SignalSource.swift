import CFunctionLinux
import Glibc

/// Delivers signals of the process to a loop (signalfd(2)) instead of interrupting whatever runs.
///
/// Lives on its loop's thread. The signals must be blocked before any thread starts: ``block(_:)``.
public final class SignalSource: Pollable {
    private let descriptor: Int32
    private let received: (Int32) -> Void

    /// Watches for `signals` as long as the loop lives.
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

    /// Keeps `signals` from their default action in this thread and every one that it starts.
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
