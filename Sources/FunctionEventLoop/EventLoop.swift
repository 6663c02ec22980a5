import CFunctionLinux
import Glibc
import Synchronization

/// One thread that waits on epoll(7) and runs the work that its sockets and timers trigger.
///
/// It is the executor of the actors that live on it and the preferred executor of the tasks that start on it
/// (``start(_:)``). So a request passes from socket to handler to Redis and back on one thread. Each turn of the loop
/// runs the ready jobs, runs the actions for the end of the turn, waits, delivers readiness, and fires timers. Call
/// everything on the loop's own thread, unless it says that any thread may call it.
public final class EventLoop: @unchecked Sendable {
    // Unchecked: only the loop's thread touches the properties, except `inbox` (a lock), `thread` (atomic), and the
    // poller's descriptors, which never change.

    /// The thread that runs the loop; 0 while none does.
    private let thread = Atomic<UInt>(0)
    /// Jobs and requests from other threads.
    private let inbox = Lock(Inbox())
    private let wakeup: Wakeup
    let poller: Poller

    private var jobs: [UnownedJob] = []
    private var turnEnds: [@Sendable () -> Void] = []
    private var isStopped = false
    var timers = TimerQueue()

    /// The time when this turn began.
    public private(set) var now = Instant.now

    /// Scratch space for reads, shared by all sockets of the loop so that an idle connection needs no buffer. Its content
    /// is valid until the next suspension.
    public let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)

    /// Throws if the process is out of file descriptors.
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

    /// Whether the caller is on this loop's thread. Any thread may call this.
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

    /// Runs the loop on a new thread. Throws if the system starts no more threads.
    public func startThread() throws(SystemError) {
        try SystemThread.start { self.run() }
    }

    /// As ``startThread()``, but prints the error and exits with 3 if it fails: for programs that cannot run without it.
    public func runOnNewThread() {
        do throws(SystemError) {
            try startThread()
        } catch {
            let line = "\(error)\n"
            write(STDERR_FILENO, line, line.utf8.count)
            exit(3)
        }
    }

    /// Ends ``run()`` after this turn. Any thread may call this.
    public func stop() {
        if isCurrent {
            isStopped = true
        } else {
            inbox.withLock { $0.stop = true }
            wakeup.signal()
        }
    }

    /// Runs `work` on this loop's thread: before this returns if the caller is on that thread, otherwise soon. Any thread
    /// may call this.
    package func perform(_ work: @escaping @Sendable () -> Void) {
        if isCurrent { work() } else { start { work() } }
    }

    /// Starts a task that stays on this loop. Any thread may call this.
    @discardableResult
    public func start(_ operation: sending @escaping @isolated(any) () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: self, operation: operation)
    }

    /// Runs `action` once, after this turn's jobs: to collect output of the whole turn for a single write.
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

    /// Sockets must get their turn even if jobs keep adding jobs.
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
            // Signal under the lock: once the loop can see the job, it may finish and be freed before this call returns.
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
