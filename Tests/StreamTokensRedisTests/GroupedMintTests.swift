import FunctionEventLoop
import FunctionRedis
import StreamTokens
import StreamTokensRedis
import Support
import Testing

/// Sixteen mints at once, for one key with a limit of 1000 unless a test says otherwise.
@Suite("Mints that are sent as one command")
struct GroupedMintTests {
    private struct Setting {
        let server: RedisServer
        let proxy: FaultyProxy
        let loop: EventLoop
        /// Under test, with a connection through the proxy.
        let store: RedisTokenStore
        /// With a connection of its own and time enough, for everything else.
        let direct: RedisTokenStore
        let client: RedisClient
        let tenant: Tenant

        /// The outcomes of the first mints of a key, in order.
        static func minted(_ count: Int = 16) -> [MintOutcome] {
            (0..<count).map { .minted(Rate(limit: 1000, remaining: 999 - $0, retryAfter: 0)) }
        }

        func newTokens(_ count: Int = 16) -> [StreamToken] {
            (0..<count).map { _ in tenant.newToken() }
        }

        func mint(_ tokens: [StreamToken]) async throws -> [MintOutcome] {
            try await SimultaneousMints(tokens, with: tenant.key).outcomes(on: store, loop)
        }

        func results(_ tokens: [StreamToken]) async -> [Result<MintOutcome, StoreError>] {
            await SimultaneousMints(tokens, with: tenant.key).results(on: store, loop)
        }

        /// Mints by the other store, once the faults are over.
        func mintLater(_ tokens: [StreamToken]) async throws -> [MintOutcome] {
            try await SimultaneousMints(tokens, with: tenant.key).outcomes(on: direct, loop)
        }

        /// How many mints have counted.
        func counted() async throws -> Int {
            let outcome = try await direct.mint(tenant.newToken(), with: tenant.key, ttl: 60)
            guard case .minted(let rate) = outcome else { return 1000 }
            return 999 - rate.remaining
        }

        func perform(_ name: StaticString, _ words: String...) async throws {
            var command = RedisCommand(name)
            for word in words { command.append(word) }
            _ = try await client.perform(command)
        }
    }

    /// Runs `body` with a store on a server of its own, behind a proxy; the server knows the scripts already.
    private func withSetting(
        _ server: RedisServer? = nil,
        timeout: Interval = .seconds(60),
        groupLimit: Int = 16,
        _ body: (Setting) async throws -> Void
    ) async throws {
        let server = try server ?? RedisServer()
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        let proxy = try FaultyProxy(to: server, on: loop)
        let tested = RedisClient(try await proxy.start(), on: loop, timeout: timeout)
        let client = RedisClient(server.url, on: loop, timeout: .seconds(60))
        let direct = RedisTokenStore(client: client)
        let fixture = StoreFixture(direct, ManualClock())
        let setting = Setting(
            server: server,
            proxy: proxy,
            loop: loop,
            store: RedisTokenStore(client: tested, groupLimit: groupLimit),
            direct: direct,
            client: client,
            tenant: try await fixture.tenant(limit: RateLimit(limit: 1000, window: 86_400_000))
        )
        do {
            // Another key's, so that nothing has counted yet.
            let other = try await fixture.tenant()
            let isReady = await waitUntil {
                (try? await setting.store.mint(other.newToken(), with: other.key, ttl: 60)) != nil
            }
            #expect(isReady)
            try await body(setting)
        } catch {
            await tested.close()
            await client.close()
            await proxy.stop()
            throw error
        }
        await tested.close()
        await client.close()
        await proxy.stop()
    }

    @Test("one command does up to sixteen of them, or as many as the store is told", arguments: [1, 2, 5, 16])
    func commands(limit: Int) async throws {
        try await withSetting(groupLimit: limit) { (setting) async throws in
            let before = await setting.proxy.count(of: .mint)
            try await expect(setting.mint(setting.newTokens(40)), is: Setting.minted(40))
            let count = await setting.proxy.count(of: .mint) - before
            // Sixteen that wait are sent before their turn ends.
            let expected = limit == 1 ? 40 : 2 * ((16 + limit - 1) / limit) + (8 + limit - 1) / limit
            #expect(count == expected)
        }
    }

    @Test(
        "a fault of their command is repeated as one, with the outcomes that it would have had, and counts nothing twice",
        arguments: [FaultyProxy.Fate.cut, .swallow, .loseReply, .hold]
    )
    func once(fate: FaultyProxy.Fate) async throws {
        try await withSetting(timeout: .seconds(10)) { (setting) async throws in
            let before = await setting.proxy.count(of: .mint)
            await setting.proxy.apply(fate, to: .mint, atMost: 1)
            try await expect(setting.mint(setting.newTokens()), is: Setting.minted())
            await expect(setting.proxy.count(of: .mint), is: before + 2)
            // What was held back is executed after its repetition.
            await setting.proxy.letGo()
            try await expect(setting.counted(), is: 16)
        }
    }

    @Test("a lasting fault is an error for each within its time, and what was executed counts once")
    func lasting() async throws {
        try await withSetting(timeout: .milliseconds(500)) { (setting) async throws in
            await setting.proxy.apply(.loseReply, to: .mint)
            let tokens = setting.newTokens()
            let start = Instant.now
            let results = await setting.results(tokens)
            #expect(Instant.now - start < .seconds(10))
            for result in results {
                let error = #expect(throws: StoreError.self) { try result.get() }
                #expect(error?.mayHaveBeenExecuted == true)
            }
            try await expect(setting.mintLater(tokens), is: Setting.minted())
            try await expect(setting.counted(), is: 16)
        }
    }

    @Test("a server that has lost the script gets its text, for all of them at once")
    func flushed() async throws {
        try await withSetting { setting in
            try await setting.perform("SCRIPT", "FLUSH")
            let before = await setting.proxy.count(of: .mint)
            try await expect(setting.mint(setting.newTokens()), is: Setting.minted())
            await expect(setting.proxy.count(of: .mint), is: before + 2)
        }
    }

    @Test("a server that is full changes nothing")
    func full() async throws {
        try await withSetting { setting in
            try await setting.perform("CONFIG", "SET", "maxmemory", "1")
            let tokens = setting.newTokens()
            for result in await setting.results(tokens) {
                let error = #expect(throws: StoreError.self) { try result.get() }
                #expect(error?.description.contains("OOM") == true)
                #expect(error?.mayHaveBeenExecuted == false)
            }
            try await setting.perform("CONFIG", "SET", "maxmemory", "0")
            for token in tokens { try await expect(setting.direct.show(token), is: .unknown) }
            try await expect(setting.mint(tokens), is: Setting.minted())
        }
    }

    @Test("a server that is killed or hangs is an error for each; nothing counts twice", arguments: [true, false])
    func gone(isKilled: Bool) async throws {
        let durable = ["--appendonly", "yes", "--appendfsync", "always"]
        try await withSetting(try RedisServer(.tcp, arguments: durable), timeout: .milliseconds(500)) { setting in
            let tokens = setting.newTokens()
            if isKilled { setting.server.kill() } else { setting.server.suspend() }
            let start = Instant.now
            for result in await setting.results(tokens) {
                #expect(throws: StoreError.self) { try result.get() }
            }
            #expect(Instant.now - start < .seconds(10))
            if isKilled { try setting.server.restart() } else { setting.server.resume() }
            let isBack = await waitUntil { (try? await setting.direct.ping()) != nil }
            #expect(isBack)
            try await expect(setting.mintLater(tokens), is: Setting.minted())
            try await expect(setting.counted(), is: 16)
        }
    }

    @Test("a token whose record cannot be read is an error; the others are minted", arguments: ["string", "list"])
    func malformed(type: String) async throws {
        try await withSetting { setting in
            let tokens = setting.newTokens()
            let name = "st:{\(setting.tenant.tag)}:tok:\(tokens[7].digest)"
            if type == "list" {
                try await setting.perform("LPUSH", name, "nonsense")
            } else {
                try await setting.perform("SET", name, "nonsense")
            }
            let results = await setting.results(tokens)
            #expect(throws: StoreError.self) { try results[7].get() }
            let others = try results.enumerated().filter { $0.offset != 7 }.map { try $0.element.get() }
            #expect(others == Setting.minted(15))
            try await expect(setting.counted(), is: 15)
            await #expect(throws: StoreError.self) {
                try await setting.store.mint(tokens[7], with: setting.tenant.key, ttl: 60)
            }
        }
    }

    @Test("under random faults every token counts once", arguments: 1...(LongRun.isOn ? 50 : 3))
    func randomFaults(seed: Int) async throws {
        try await withSetting { setting in
            let random = Lock(SeededGenerator(seed: UInt64(seed)))
            await setting.proxy.apply { command in
                guard command.operation == .mint else { return .pass }
                let fates = [FaultyProxy.Fate.pass, .pass, .cut, .loseReply]
                return random.withLock { fates[Int.random(in: fates.indices, using: &$0)] }
            }
            var remaining: [Int] = []
            var total = 0
            for round in 0..<30 {
                if round.isMultiple(of: 10) { try await setting.perform("SCRIPT", "FLUSH") }
                var tokens = setting.newTokens(random.withLock { Int.random(in: 1...16, using: &$0) })
                total += tokens.count
                while !tokens.isEmpty {
                    let results = await setting.results(tokens)
                    remaining += results.compactMap { result in
                        if case .success(.minted(let rate)) = result { rate.remaining } else { nil }
                    }
                    tokens = zip(tokens, results).compactMap { if case .failure = $1 { $0 } else { nil } }
                }
            }
            await setting.proxy.heal()
            #expect(remaining.sorted() == Array(1000 - total..<1000))
            try await expect(setting.counted(), is: total)
        }
    }

    @Test("of many keys over their limit at once, each mints what it may")
    func overLimits() async throws {
        try await withSetting { setting in
            let fixture = StoreFixture(setting.direct, ManualClock())
            var mints: [(token: StreamToken, key: APIKey)] = []
            for number in 0..<64 {
                let tenant = try await fixture.tenant(limit: RateLimit(limit: 2, window: 86_400_000))
                for _ in 0..<5 {
                    // Some keys' mints are neighbours, others' are spread over all.
                    let place = number.isMultiple(of: 2) ? mints.count : mints.count * number / 64
                    mints.insert((tenant.newToken(), tenant.key), at: place)
                }
            }
            let outcomes = await setting.loop.performAtOnce(mints.count) { [mints] index in
                try? await setting.store.mint(mints[index].token, with: mints[index].key, ttl: 60)
            }
            #expect(outcomes.count == 320)
            for (key, own) in Dictionary(grouping: zip(mints, outcomes), by: \.0.key) {
                let remaining = own.compactMap { each -> Int? in
                    if case .minted(let rate)? = each.1 { rate.remaining } else { nil }
                }
                #expect(remaining == [1, 0], "\(key.id)")
                let refused = own.count { if case .limited? = $0.1 { true } else { false } }
                #expect(refused == 3, "\(key.id)")
            }
        }
    }
}
