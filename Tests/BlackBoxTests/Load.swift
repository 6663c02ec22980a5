import FunctionEventLoop

/// Clients that ask for tokens as fast as they are answered, and what came of it.
final class Load: Sendable {
    struct Tally: Sendable {
        var tokens: Set<String> = []
        var minted = 0
        /// What x-ratelimit-remaining said with each token.
        var remaining: [Int] = []
        var failed = 0
        var lastFailure: Instant?
        /// Answers that are not documented, and requests without one.
        var problems: [String] = []
        var longest = Interval.seconds(0)
        /// Connections that the server closed between requests.
        var closed = 0
    }

    private let tally = Lock(Tally())
    private let isOver = Lock(false)
    private let workers: Lock<[Task<Void, Never>]> = Lock([])

    static let failure =
        #"{"error":"Failed to create token, please try again or contact support.","success":false,"#
        + #""code":"internal_server_error"}"#

    /// With `keepsAlive` each client asks on one connection; else each request has its own. `endsWithServer` ends a
    /// client where no connection is to be had any more.
    init(_ clients: Int, on port: UInt16, key: String, keepsAlive: Bool = true, endsWithServer: Bool = false) {
        for _ in 0..<clients {
            let worker = testLoop.start {
                await self.work(Client(port: port), key, keepsAlive, endsWithServer)
            }
            workers.withLock { $0.append(worker) }
        }
    }

    /// What came of it so far.
    var soFar: Tally { tally.withLock { $0 } }

    /// Lets the requests under way end.
    func finish() async -> Tally {
        isOver.withLock { $0 = true }
        for worker in workers.withLock({ $0 }) { await worker.value }
        return soFar
    }

    /// Waits until as many more were minted.
    func minted(_ count: Int) async throws {
        let goal = soFar.minted + count
        try await eventually("\(count) tokens are minted") { soFar.minted >= goal }
    }

    /// Waits until as many more have failed.
    func failed(_ count: Int) async throws {
        let goal = soFar.failed + count
        try await eventually("\(count) requests fail") { soFar.failed >= goal }
    }

    private func work(_ client: Client, _ key: String, _ keepsAlive: Bool, _ endsWithServer: Bool) async {
        while !isOver.withLock({ $0 }) {
            let start = Instant.now
            do {
                let answer = try await client.ask(key: key, fields: keepsAlive ? "" : "connection: close\r\n")
                note(answer, Instant.now - start)
            } catch Client.Failure.closedBetweenRequests {
                tally.withLock { $0.closed += 1 }
            } catch let error as SystemError where error.call == "connect" && endsWithServer {
                return
            } catch {
                tally.withLock { $0.problems.append("\(error)") }
                // Without a server there is nothing more to learn.
                if error is SystemError { return }
            }
        }
        await client.close()
    }

    private func note(_ answer: Answer, _ time: Interval) {
        tally.withLock { tally in
            tally.longest = max(tally.longest, time)
            if answer.status == 200, let token = answer.token {
                tally.minted += 1
                tally.tokens.insert(token)
                tally.remaining.append(answer.field("x-ratelimit-remaining").flatMap { Int($0) } ?? -1)
            } else if answer.status == 500, answer.body == Self.failure {
                tally.failed += 1
                tally.lastFailure = .now
            } else {
                tally.problems.append("\(answer.head)\n\(answer.body)")
            }
        }
    }
}
