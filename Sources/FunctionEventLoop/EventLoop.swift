import CFunctionLinux
import Glibc
import Synchronization

/// One thread that waits on epoll(7) and runs everything that its sockets and timers set going.
///
/// It is the executor of the actors that live on it and the preferred executor of the tasks that start on it
/// (``start(_:)``), so that a request goes from socket to handler to Redis and back without leaving its thread.
/// A turn of the loop: run the jobs that are ready, run what asked for the end of the turn, wait, deliver readiness,
/// fire timers. What is not marked otherwise may be called on the loop's own thread only.
public final class EventLoop: @unchecked Sendable {
    // Unchecked: everything below is touched by the loop's thread alone, but for `inbox` (a lock), `thread` (atomic),
    // and `poller`'s descriptors, which never change.

    /// The thread that runs the loop, 0 while none does.
    private let thread = Atomic<UInt>(0)
    /// What other threads hand over.
    private let inbox = Lock(Inbox())
    private let wakeup: Wakeup
    let poller: Poller

    private var jobs: [UnownedJob] = []
    private var turnEnds: [@Sendable () -> Void] = []
    private var isStopped = false
    var timers = TimerQueue()

    /// When this turn began.
    public private(set) var now = Instant.now

    /// Scratch space for reads, shared by every socket of the loop so that an idle connection holds none. Its content
    /// lasts until the next suspension.
    public let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)

    /// Throws when the process is out of file descriptors.
    public init() throws(SystemError) {
        poller = try Poller()
        wakeup = try Wakeup()
        try poller.add(wakeup.descriptor, events: EPOLLIN.rawValue, wakeup)
    }

    deinit {
        scratch.deallocate()
    }

    private struct Inbox {
        var jobs: [UnownedJob] = []
        var stop = false
    }

    /// Whether the caller is on this loop's thread.
    public var isCurrent: Bool {
        thread.load(ordering: .relaxed) == UInt(pthread_self())
    }

    /// Runs the loop on the calling thread until ``stop()``.
    public func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        defer { thread.store(0, ordering: .relaxed) }
        while !isStopped { turn() }
        isStopped = false
    }

    /// Runs the loop on a thread of its own. Throws when the system starts no more threads.
    public func startThread() throws(SystemError) {
        try SystemThread.start { self.run() }
    }

    /// As ``startThread()``, for a program that cannot go on without: it says why and exits with 3.
    public func runOnNewThread() {
        do throws(SystemError) {
            try startThread()
        } catch {
            let line = "\(error)\n"
            write(STDERR_FILENO, line, line.utf8.count)
            exit(3)
        }
    }

    /// Ends ``run()`` after the turn. From any thread.
    public func stop() {
        if isCurrent {
            isStopped = true
        } else {
            inbox.withLock { $0.stop = true }
            wakeup.signal()
        }
    }

    /// Does `work` on this loop's thread: before it returns if that is the caller's, else soon. From any thread.
    package func perform(_ work: @escaping @Sendable () -> Void) {
        if isCurrent { work() } else { start { work() } }
    }

    /// Starts a task that stays on this loop. From any thread.
    @discardableResult
    public func start(_ operation: sending @escaping @isolated(any) () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: self, operation: operation)
    }

    /// Runs `action` once, when this turn's jobs are done: what is to leave in one write waits for that.
    public func atEndOfTurn(_ action: @escaping @Sendable () -> Void) {
        turnEnds.append(action)
    }

    private func turn() {
        takeInbox()
        runJobs()
        runTurnEnds()
        let timeout = jobs.isEmpty && !isStopped ? timers.millisecondsToNext(from: .now) : 0
        poller.wait(milliseconds: timeout)
        now = .now
        poller.deliver()
        while let due = timers.popDue(at: now) { due.timer.cameUp(queued: due.deadline, now: now) }
    }

    private func takeInbox() {
        guard wakeup.takeSignal() else { return }
        let taken = inbox.withLock { inbox in
            defer { inbox = Inbox() }
            return inbox
        }
        jobs += taken.jobs
        if taken.stop { isStopped = true }
    }

    /// Sockets must get their turn however many jobs make further ones.
    private static let maxJobsPerTurn = 4096

    private func runJobs() {
        var next = 0
        while next < jobs.count && next < Self.maxJobsPerTurn {
            let job = jobs[next]
            next += 1
            job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        }
        jobs.removeFirst(next)
    }

    private func runTurnEnds() {
        guard !turnEnds.isEmpty else { return }
        let actions = turnEnds
        turnEnds.removeAll(keepingCapacity: true)
        for action in actions { action() }
    }
}

extension EventLoop: SerialExecutor, TaskExecutor {
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            jobs.append(job)
        } else {
            // Nobody holds the loop for the caller's sake: once it can take the job, it may run it, end and be gone.
            inbox.withLock {
                $0.jobs.append(job)
                wakeup.signal()
            }
        }
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    public func checkIsolated() {
        precondition(isCurrent, "not on the event loop's thread")
    }
}
