/// Whether one direction of a socket is ready, and the task that waits for it.
final class Readiness {
    private(set) var isReady = false
    private var isEnded = false
    private var waiter: UnsafeContinuation<Socket.Wake, Never>?
    private var timer: Timer?
    private unowned let loop: EventLoop

    init(on loop: EventLoop) {
        self.loop = loop
    }

    /// The kernel has reported readiness.
    func becomeReady() {
        isReady = true
        wake(.ready)
    }

    /// A system call would have blocked.
    func exhaust() {
        isReady = false
    }

    /// Waits until the direction is ready. One caller at a time.
    func wait(until deadline: Instant?) async -> Socket.Wake {
        if isReady || isEnded { return isReady ? .ready : .interrupted }
        let deadline = deadline == .forever ? nil : deadline
        if let deadline {
            if timer == nil { timer = Timer(on: loop) { [unowned self] in self.wake(.timedOut) } }
            timer?.deadline = deadline
        }
        // Resumed exactly once: `wake` clears `waiter` before it resumes it, and all of this runs on the loop's thread.
        // Check again: if the caller is not isolated to an actor, the call itself may let other jobs run first.
        let result = await withUnsafeContinuation { (continuation: UnsafeContinuation<Socket.Wake, Never>) in
            if isReady || isEnded { return continuation.resume(returning: isReady ? .ready : .interrupted) }
            waiter = continuation
        }
        if deadline != nil { timer?.deadline = nil }
        return result
    }

    func wake(_ wake: Socket.Wake) {
        guard let waiter else { return }
        self.waiter = nil
        waiter.resume(returning: wake)
    }

    /// Ends the current wait and every later one.
    func end() {
        isReady = false
        isEnded = true
        timer?.cancel()
        timer = nil
        wake(.interrupted)
    }
}
