import FunctionEventLoop
import Support
import Testing

/// Clients that keep minting and using tokens, even if servers fail meanwhile, and their results.
///
/// The store keeps the record of a used token for two minutes, so the traffic must not last longer.
final class Traffic: Sendable {
    struct Request: Sendable {
        let organization: Int
        let start: Instant
        let time: Interval
        let isFailure: Bool
    }

    struct Tally: Sendable {
        var mints: [Request] = []
        var streams: [Request] = []
        /// The tokens of each organization.
        var minted: [[String]]
        /// How many streams each token opened.
        var opened: [String: Int] = [:]
        /// Tokens that the store no longer knew.
        var vanished = 0
        /// Responses that are not documented.
        var problems: [String] = []
    }

    private let deployment: Deployment
    private let opensStreams: Bool
    private let tally: Lock<Tally>
    private let isOver = Lock(false)
    private let workers = Lock<[Task<Void, Never>]>([])

    /// `clients` is their number for each organization. They only mint unless `opensStreams`.
    init(_ clients: Int, on deployment: Deployment, opensStreams: Bool = true) {
        self.deployment = deployment
        self.opensStreams = opensStreams
        tally = Lock(Tally(minted: deployment.organizations.map { _ in [] }))
        for index in deployment.organizations.indices {
            for _ in 0..<clients {
                let worker = testLoop.start { await self.work(for: index) }
                workers.withLock { $0.append(worker) }
            }
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

    /// Lets the clients go on for this time.
    func goOn(_ time: Interval) async {
        await testLoop.start { await testLoop.sleep(until: .now + time) }.value
    }

    /// Waits until requests that began after `time` minted a token of an organization and used one. Returns when.
    @discardableResult
    func serves(_ organization: Int, since time: Instant) async throws -> Instant {
        var ends: [Instant] = []
        let end = Instant.now + .seconds(30)
        while true {
            let tally = soFar
            let kinds = opensStreams ? [tally.mints, tally.streams] : [tally.mints]
            ends = kinds.compactMap { requests in
                requests.first { $0.organization == organization && $0.start >= time && !$0.isFailure }
                    .map { $0.start + $0.time }
            }
            if ends.count == kinds.count { return ends.max() ?? time }
            guard Instant.now < end else {
                let said = deployment.token.output.suffix(2000) + deployment.stream.output.suffix(2000)
                throw Unmet(
                    description: "organization \(organization) is not served: \(tally.problems.suffix(2))\n\(said)"
                )
            }
            await goOn(.milliseconds(5))
        }
    }

    private func work(for index: Int) async {
        let client = Client(port: deployment.tokenPort)
        let streamClient = StreamClient(port: deployment.streamPort)
        while !isOver.withLock({ $0 }) {
            // Slow enough that all tokens can be checked afterwards.
            await testLoop.sleep(until: .now + .milliseconds(.random(in: 5...15)))
            guard let token = await mint(for: index, client), opensStreams else { continue }
            var tries = 0
            while await !isDone(with: token, of: index, streamClient), tries < 100 {
                tries += 1
                await testLoop.sleep(until: .now + .milliseconds(.random(in: 2...20)))
            }
            // Sometimes try again: no token may open a second stream.
            if tries == 0, Bool.random() { _ = await isDone(with: token, of: index, streamClient) }
        }
        await client.close()
        await streamClient.close()
    }

    private func mint(for index: Int, _ client: Client) async -> String? {
        let start = Instant.now
        do {
            let response = try await client.ask(key: deployment.organizations[index].keyText)
            return tally.withLock { tally in
                let isKnown = response.status == 200 || response.status == 500 && response.body == Load.failure
                if !isKnown { tally.problems.append("\(response.head)\n\(response.body)") }
                tally.mints.append(Request(index, since: start, isFailure: response.status != 200))
                if let token = response.token, response.status == 200 {
                    tally.minted[index].append(token)
                    return token
                }
                return nil
            }
        } catch {
            tally.withLock { $0.problems.append("mint: \(error)") }
            return nil
        }
    }

    /// Requests the token's stream. Returns whether there is no point in trying again.
    private func isDone(with token: String, of index: Int, _ client: StreamClient) async -> Bool {
        let start = Instant.now
        do {
            let response = try await client.ask(StreamRequest.echo(StreamRace.text).text(token), within: .seconds(20))
            return tally.withLock { tally in
                tally.streams.append(Request(index, since: start, isFailure: ![200, 401].contains(response.status)))
                switch (response.status, response.code) {
                case (200, nil):
                    tally.opened[token, default: 0] += 1
                    if response.body != StreamRace.text { tally.problems.append(response.body) }
                case (401, "invalid_token"?):
                    if tally.opened[token] == nil { tally.vanished += 1 }
                case (503, "store_unavailable"?), (409, "token_in_use"?): return false
                default: tally.problems.append("\(response.head)\n\(response.body)")
                }
                return true
            }
        } catch {
            tally.withLock { $0.problems.append("stream: \(error)") }
            return true
        }
    }
}

extension Traffic.Request {
    fileprivate init(_ organization: Int, since start: Instant, isFailure: Bool) {
        self.init(organization: organization, start: start, time: .now - start, isFailure: isFailure)
    }
}

extension Traffic.Tally {
    /// How much longer anything may take on a machine of two cores that other tests keep busy.
    static let margin = Interval.milliseconds(1500)

    /// The time of the slowest request.
    func longest(_ requests: [Traffic.Request]) -> Interval {
        requests.map(\.time).max() ?? .seconds(0)
    }

    /// The last request of the organization that failed.
    func lastFailure(of organization: Int) -> Traffic.Request? {
        (mints + streams).filter { $0.organization == organization && $0.isFailure }.max { $0.start < $1.start }
    }

    /// The 99th percentile of the times of mints that began within these times.
    func p99(from start: Instant, to end: Instant, of organizations: Set<Int>) -> Interval {
        let times = mints.filter { start...end ~= $0.start && organizations.contains($0.organization) }.map(\.time)
        return times.sorted().dropFirst(times.count * 99 / 100).first ?? .seconds(0)
    }

    /// Expects that every request got a documented response in time, and that no token opened two streams, unless uses may
    /// have been forgotten.
    func expectSound(forgetsUses: Bool = false) {
        #expect(problems.prefix(3) == [])
        if !forgetsUses { #expect(opened.filter { $0.value != 1 } == [:]) }
        #expect(longest(mints) < Deployment.timeout + Self.margin)
        // Reserve, commit, and the release after a commit of unknown outcome.
        #expect(longest(streams) < Deployment.timeout + Deployment.timeout + Deployment.timeout + Self.margin)
    }

    /// Expects that the store matches what the clients saw, after the functions have settled their attempts.
    /// `losesNothing` means that nothing at all may be lost; otherwise only uses of tokens must not be.
    func expectSettled(_ organizations: [TestOrganization], losesNothing: Bool) async throws {
        if losesNothing { #expect(vanished == 0) }
        for (organization, tokens) in zip(organizations, minted) {
            var used = 0
            for token in tokens {
                let isUsed = try await organization.isUsed(token)
                used += isUsed ? 1 : 0
                // Once the functions have ended, no attempt is of unknown outcome.
                #expect(isUsed == (opened[token] != nil))
            }
            try await expect(organization.balance.credits, is: Deployment.credits - used)
            // A stream whose end was forgotten in a failover expires after fifteen seconds.
            guard losesNothing || LongRun.isOn else { continue }
            try await eventually("nothing is held or open any more", within: .seconds(60)) {
                try await organization.balance == Balance(credits: Deployment.credits - used)
            }
        }
    }
}
