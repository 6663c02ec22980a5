import FunctionEventLoop

/// Clients that mint tokens as fast as the function responds, and their results.
final class Load: Sendable {
    struct Tally: Sendable {
        var tokens: Set<String> = []
        var minted = 0
        /// The value of x-ratelimit-remaining with each token.
        var remaining: [Int] = []
        var failed = 0
        var lastFailure: Instant?
        /// Responses that are not documented, and requests without a response.
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

    /// With `keepsAlive` each client uses one connection, otherwise one for each request. `endsWithServer` ends a client
    /// when it can no longer connect.
    init(_ clients: Int, on port: UInt16, key: String, keepsAlive: Bool = true, endsWithServer: Bool = false) {
        for _ in 0..<clients {
            let worker = testLoop.start {
                await self.work(Client(port: port), key, keepsAlive, endsWithServer)
            }
            workers.withLock { $0.append(worker) }
        }
    }

    /// The results so far.
    var soFar: Tally { tally.withLock { $0 } }

    /// Waits for the requests in flight, and ends.
    func finish() async -> Tally {
        isOver.withLock { $0 = true }
        for worker in workers.withLock({ $0 }) { await worker.value }
        return soFar
    }

    /// Waits until `count` more tokens were minted.
    func minted(_ count: Int) async throws {
        let goal = soFar.minted + count
        try await eventually("\(count) tokens are minted") { soFar.minted >= goal }
    }

    /// Waits until `count` more requests have failed.
    func failed(_ count: Int) async throws {
        let goal = soFar.failed + count
        try await eventually("\(count) requests fail") { soFar.failed >= goal }
    }

    private func work(_ client: Client, _ key: String, _ keepsAlive: Bool, _ endsWithServer: Bool) async {
        while !isOver.withLock({ $0 }) {
            let start = Instant.now
            do {
                let response = try await client.ask(key: key, fields: keepsAlive ? "" : "connection: close\r\n")
                note(response, Instant.now - start)
            } catch Client.Failure.closedBetweenRequests {
                tally.withLock { $0.closed += 1 }
            } catch let error as SystemError where error.call == "connect" && endsWithServer {
                return
            } catch {
                tally.withLock { $0.problems.append("\(error)") }
                // There is no server any more.
                if error is SystemError { return }
            }
        }
        await client.close()
    }

    private func note(_ response: ReceivedResponse, _ time: Interval) {
        tally.withLock { tally in
            tally.longest = max(tally.longest, time)
            if response.status == 200, let token = response.token {
                tally.minted += 1
                tally.tokens.insert(token)
                tally.remaining.append(response.field("x-ratelimit-remaining").flatMap { Int($0) } ?? -1)
            } else if response.status == 500, response.body == Self.failure {
                tally.failed += 1
                tally.lastFailure = .now
            } else {
                tally.problems.append("\(response.head)\n\(response.body)")
            }
        }
    }
}
