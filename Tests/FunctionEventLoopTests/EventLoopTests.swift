import Dispatch
import FunctionEventLoop
import Support
import Testing

/// Runs `body` on a new loop and stops the loop afterwards.
func onLoop<Result: Sendable>(_ body: @escaping @Sendable (EventLoop) async throws -> Result) async throws -> Result {
    let loop = try EventLoop()
    loop.runOnNewThread()
    defer { loop.stop() }
    return try await Task(executorPreference: loop) { try await body(loop) }.value
}

@Suite("An event loop")
struct EventLoopTests {
    @Test("runs a task, its children and the actors they call on its own thread")
    func staysOnItsThread() async throws {
        try await onLoop { loop in
            #expect(loop.isCurrent)
            async let child = loop.isCurrent
            #expect(await child)
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<10 { group.addTask { loop.isCurrent } }
                for await isCurrent in group { #expect(isCurrent) }
            }
            #expect(await PlainActor().isOn(loop))
            #expect(await LoopActor(loop).isOnLoop())
        }
    }

    @Test("accepts jobs from many threads and loses none")
    func takesJobsFromThreads() async throws {
        let count = try await onLoop { loop in
            let counter = LoopActor(loop)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<1000 {
                    group.addTask(executorPreference: globalConcurrentExecutor) { await counter.count() }
                }
            }
            return await counter.counted
        }
        #expect(count == 1000)
    }

    @Test("may be freed before the call that enqueued its last job returns")
    func endsMeanwhile() async throws {
        for _ in 0..<(LongRun.isOn ? 20_000 : 200) {
            try await onLoop { _ in
                await withTaskGroup { group in
                    for _ in 0..<4 {
                        group.addTask {
                            await withCheckedContinuation { continuation in
                                DispatchQueue.global().async { continuation.resume() }
                            }
                        }
                    }
                }
            }
        }
    }

    @Test("runs an action for the end of the turn once, after the turn's jobs")
    func endOfTurn() async throws {
        let order = try await onLoop { loop in
            let recorder = Recorder(loop)
            await recorder.run()
            await loop.sleep(until: loop.now + .milliseconds(1))
            return await recorder.order
        }
        #expect(order == ["job", "end of turn"])
    }

    @Test("ends when another thread stops it while it is idle")
    func stops() async throws {
        let loop = try EventLoop()
        await withCheckedContinuation { continuation in
            loop.start { continuation.resume() }
            loop.runOnNewThread()
        }
        loop.stop()
    }
}

private actor PlainActor {
    func isOn(_ loop: EventLoop) -> Bool { loop.isCurrent }
}

private actor LoopActor {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    private(set) var counted = 0

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    func isOnLoop() -> Bool { loop.isCurrent }
    func count() { counted += 1 }
}

private actor Recorder {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    private(set) var order: [String] = []

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    func run() {
        loop.atEndOfTurn { self.assumeIsolated { $0.order.append("end of turn") } }
        order.append("job")
    }
}
