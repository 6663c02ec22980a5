/// Calls back when a deadline has passed. The deadline may be moved at every request: to move it later is a store.
///
/// Lives on its loop's thread.
public final class Timer {
    private unowned let loop: EventLoop
    private var action: (() -> Void)?
    /// The earliest entry in the loop's queue, which may be before `deadline`: it is then queued again when it comes up.
    private var queuedAt: Instant?

    /// `action` runs on the loop; it is released by ``cancel()``.
    public init(on loop: EventLoop, _ action: @escaping () -> Void) {
        self.loop = loop
        self.action = action
    }

    /// When to call back; nil is never. Firing resets it.
    public var deadline: Instant? {
        didSet {
            guard let deadline, queuedAt.map({ deadline < $0 }) ?? true else { return }
            queue(at: deadline)
        }
    }

    /// Never calls back again.
    public func cancel() {
        deadline = nil
        action = nil
    }

    private func queue(at deadline: Instant) {
        queuedAt = deadline
        loop.timers.insert(self, at: deadline)
    }

    /// The queue's entry for `queued` has come up.
    func cameUp(queued: Instant, now: Instant) {
        // An entry that an earlier deadline has overtaken.
        guard queued == queuedAt else { return }
        queuedAt = nil
        guard let deadline else { return }
        guard deadline <= now else { return queue(at: deadline) }
        self.deadline = nil
        action?()
    }
}

extension EventLoop {
    /// Waits until `deadline`.
    public func sleep(until deadline: Instant) async {
        // Resumed exactly once: a timer fires once.
        await withUnsafeContinuation { continuation in
            let timer = Timer(on: self) { continuation.resume() }
            timer.deadline = deadline
        }
    }
}
