import CFunctionLinux
import Glibc

/// Calls back, on its loop, as long as a descriptor has something to read or has come to its end.
///
/// Lives on its loop's thread. The descriptor is its owner's, who closes it after ``cancel()``.
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

    /// Calls back no more. The descriptor may be watched again.
    public func cancel() {
        guard let slot else { return }
        self.slot = nil
        loop.poller.remove(descriptor, slot: slot)
    }

    func becameReady(_ events: UInt32) {
        ready()
    }
}
