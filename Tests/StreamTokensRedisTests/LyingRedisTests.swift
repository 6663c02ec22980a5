import FunctionEventLoop
import FunctionRedis
import StreamTokens
import StreamTokensRedis
import Support
import Testing

@Suite("A Redis that lies")
struct LyingRedisTests {
    /// Each is the reply to scripts and to some other commands.
    private static let replies: [String] = {
        let numbers = [Int.min, Int.min + 1, -1, 0, 1, 2, 3, 4, 1_000_001, 1 << 53, Int.max - 999, Int.max]
        var pool = numbers.map { ":\($0)\r\n" } + ["$-1\r\n", "*-1\r\n", "*0\r\n", "+OK\r\n"]
        pool += numbers.map { "$\("\($0)".utf8.count)\r\n\($0)\r\n" } + ["$3\r\nabc\r\n", "$1\r\n\u{1}\r\n"]
        // For policies: some, and half of one, and states of tokens.
        let policies = [
            "{}", #"{"allow":["x"]}"#, #"{"workflows":[]}"#, #"{"allow":["#, "origin_not_allowed", "a b", "",
        ]
        pool += policies.map { "$\($0.utf8.count)\r\n\($0)\r\n" }
        pool += ["*1\r\n:0\r\n", "*4\r\n:1\r\n$1\r\nk\r\n:5\r\n:7\r\n"]
        var random = SeededGenerator(seed: 1)
        let arrays = (0..<(LongRun.isOn ? 20_000 : 500)).map { _ in
            let elements = (0..<Int.random(in: 0...7, using: &random)).map { index in
                // If the first element is a code, the others are read too.
                index == 0 && Bool.random(using: &random)
                    ? ":\(Int.random(in: 0...4, using: &random))\r\n"
                    : pool[Int.random(in: pool.indices, using: &random)]
            }
            return "*\(elements.count)\r\n" + elements.joined()
        }
        // For mints that are sent as one.
        let nested = (0..<arrays.count / 4).map { _ in
            let count = Int.random(in: 2...4, using: &random)
            let outcomes = (0..<count).map { _ in arrays[Int.random(in: arrays.indices, using: &random)] }
            return "*\(count)\r\n" + outcomes.joined()
        }
        let inspections = (0..<arrays.count / 4).map { _ in
            "*5\r\n*4\r\n:1\r\n$1\r\nk\r\n:5\r\n:7\r\n"
                + (0..<4).map { _ in pool[Int.random(in: pool.indices, using: &random)] }.joined()
        }
        return pool + inspections + ["*4\r\n:2\r\n:10\r\n:0\r\n:\(Int.max)\r\n", "*4\r\n:0\r\n:10\r\n:-1\r\n:0\r\n"]
            + arrays
            + nested
    }()

    @Test("causes an error of the store, or a value that an honest one could have returned")
    func lies() async throws {
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        let reply = Lock("")
        let server = FakeServer(on: loop) { command, _ in
            switch command.first {
            case "EVAL", "EVALSHA", "HGETALL", "HMGET", "ZREM": reply.withLock { $0 }
            case "HGET": "$6\r\nabcdef\r\n"
            case "SCRIPT": "$-1\r\n"
            default: FakeServer.greet(command)
            }
        }
        let client = RedisClient(try await server.start(), on: loop, timeout: .seconds(30), looksAtSettings: false)
        let store = RedisTokenStore(client: client)
        let bits: RandomBits = { .random(in: 0 ... .max) }
        let tag = StreamTokens.Tag.random(bits)
        let key = APIKey.random(tag: tag, bits).key
        let token = StreamToken.random(tag: tag, bits).token
        let mints = SimultaneousMints((0..<3).map { _ in StreamToken.random(tag: tag, bits).token }, with: key)
        let stream = OpenStream(token: token, attempt: .random(bits), epoch: 0, keyID: key.id, keyEpoch: 0)
        for each in Self.replies {
            reply.withLock { $0 = each }
            await expectHonest(try? store.mint(token, with: key, ttl: 60))
            for result in await mints.results(on: store, loop) { expectHonest(try? result.get()) }
            _ = try? await store.check(token)
            if case .reserved(let reservation)? = try? await store.reserve(token, for: stream.attempt, lease: 1000),
                let policy = reservation.policy
            {
                expectHonest(policy)
            }
            _ = try? await store.commit(token, for: stream.attempt)
            _ = try? await store.admit(token, for: stream.attempt)
            try? await store.release(token, for: stream.attempt)
            if let lost = try? await store.renew([stream], of: tag) { #expect(lost.count <= 1) }
            try? await store.end(stream.attempt, of: tag)
            if let details = try? await store.inspect(token) {
                expectHonest(details.state)
                details.policy.map(expectHonest)
                expectHonest(.used(keyID: "", at: details.refusal?.time ?? 0))
            }
            for state in [try? await store.revoke(token), try? await store.show(token)] { expectHonest(state) }
            _ = try? await store.keys(of: "acme")
            guard let organization = try? await store.findOrganization(named: "acme") else { continue }
            #expect(organization.held >= 0 && organization.open >= 0)
            // The sums that callers compute.
            #expect(organization.held + organization.open < .max && (organization.credits ?? 0) + 1 < .max)
        }
        await client.close()
        await server.stop()
    }

    @Test("fails a mint with an impossible time to wait", arguments: [Int.max, Int.min, -1, 172_800_001])
    func retryAfter(milliseconds: Int) async throws {
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        let server = FakeServer(on: loop) { command, _ in
            switch command.first {
            case "EVAL", "EVALSHA": "*4\r\n:2\r\n:10\r\n:0\r\n:\(milliseconds)\r\n"
            case "SCRIPT": "$-1\r\n"
            default: FakeServer.greet(command)
            }
        }
        let client = RedisClient(try await server.start(), on: loop, timeout: .seconds(30), looksAtSettings: false)
        let bits: RandomBits = { .random(in: 0 ... .max) }
        let key = APIKey.random(tag: .random(bits), bits).key
        await #expect(throws: StoreError.self) {
            try await RedisTokenStore(client: client).mint(.random(tag: key.tag, bits).token, with: key, ttl: 60)
        }
        await client.close()
        await server.stop()
    }

    private func expectHonest(_ outcome: MintOutcome?) {
        switch outcome {
        case .minted(let rate), .limited(let rate), .noCredits(let rate):
            #expect(RateLimit.limits.contains(rate.limit))
            #expect(rate.remaining >= 0)
            #expect(0...2 * RateLimit.windows.upperBound ~= rate.retryAfter)
        case .unauthorized, .policyRequired, nil: break
        }
    }

    private func expectHonest(_ policy: Policy) {
        #expect(Policy(user: policy.user, encoded: policy.encoded) == policy)
    }

    private func expectHonest(_ state: TokenState?) {
        // The year 9999 ends there; later times cannot be shown.
        let times = 0...253_402_300_799_999
        switch state {
        case .live(_, let minted, let expiry): #expect(times ~= minted && times ~= expiry)
        case .reserved(_, let minted, let expiry, let end): #expect(times ~= minted && times ~= expiry && times ~= end)
        case .used(_, let at): #expect(times ~= at)
        case .revoked(_, let at): #expect(times ~= at ?? 0)
        case .unknown, nil: break
        }
    }
}
