import EventLoop

/// A loop that runs on a thread of its own as long as somebody holds it: nobody who waits on it waits in vain.
final class LoopThread: Sendable {
    let loop: EventLoop

    init() throws(SystemError) {
        loop = try EventLoop()
        try loop.startThread()
    }

    deinit {
        loop.stop()
    }
}
