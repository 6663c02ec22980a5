import FunctionEventLoop
import Support

/// Clients that all try to use each of a list of tokens, even if the function is killed meanwhile, and their results.
final class StreamRace: Sendable {
    struct Tally: Sendable {
        /// How many clients got 200 for a token.
        var opened: [String: Int] = [:]
        /// Requests without a complete response: those in flight at a kill.
        var broken = 0
        /// Requests that may be tried again, by the response's code.
        var refused: [String: Int] = [:]
        /// Responses that are not documented.
        var problems: [String] = []
        /// The sum of the tokens that each client is done with.
        var finished = 0
    }

    private let port: UInt16
    private let tokens: [String]
    private let tally = Lock(Tally())
    private let workers = Lock<[Task<Void, Never>]>([])

    static let text = "one two three four"

    init(_ clients: Int, for tokens: [String], on port: UInt16) {
        self.port = port
        self.tokens = tokens
        for _ in 0..<clients {
            let worker = testLoop.start { await self.work() }
            workers.withLock { $0.append(worker) }
        }
    }

    /// The results so far.
    var soFar: Tally { tally.withLock { $0 } }

    /// Waits until `count` more tokens have opened a stream, or none is left.
    func opened(_ count: Int) async throws {
        let goal = min(soFar.opened.count + count, tokens.count)
        try await eventually("\(count) streams open", within: .seconds(60)) {
            let tally = soFar
            return tally.opened.count >= goal || isOver(tally)
        }
    }

    /// Waits until more requests were refused because Redis is away, or none is left.
    func failed() async throws {
        let code = "store_unavailable"
        let before = soFar.refused[code, default: 0]
        try await eventually("requests are refused") { soFar.refused[code, default: 0] > before || isOver }
    }

    var isOver: Bool { isOver(soFar) }

    private func isOver(_ tally: Tally) -> Bool {
        tally.finished == tokens.count * workers.withLock { $0.count }
    }

    /// Waits until every client is done with every token.
    func finish() async -> Tally {
        for worker in workers.withLock({ $0 }) { await worker.value }
        return soFar
    }

    private func work() async {
        let client = StreamClient(port: port)
        for token in tokens {
            while await !isDone(with: token, client) {
                await testLoop.sleep(until: .now + .milliseconds(.random(in: 2...20)))
            }
            tally.withLock { $0.finished += 1 }
        }
        await client.close()
    }

    /// Requests the token's stream. Returns whether there is no point in trying again.
    private func isDone(with token: String, _ client: StreamClient) async -> Bool {
        let request = StreamRequest.echo(Self.text)
        do {
            let response = try await client.ask(request.text(token), within: .seconds(20))
            return tally.withLock { Self.note(response, token, &$0) }
        } catch let error as SystemError where error.call == "connect" {
            return false
        } catch {
            tally.withLock { $0.broken += 1 }
            return false
        }
    }

    private static func note(_ response: ReceivedResponse, _ token: String, _ tally: inout Tally) -> Bool {
        switch (response.status, response.code) {
        case (200, nil):
            tally.opened[token, default: 0] += 1
            if response.isWhole {
                if response.body != text { tally.problems.append(response.body) }
            } else {
                tally.broken += 1
            }
            return true
        case (401, "invalid_token"?): return true
        case (409, "token_in_use"?), (503, "store_unavailable"?), (429, "too_many_streams"?):
            tally.refused[response.code ?? "", default: 0] += 1
            return false
        default:
            tally.problems.append("\(response.head)\n\(response.body)")
            return true
        }
    }
}
