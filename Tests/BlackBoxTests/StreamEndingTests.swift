import FunctionEventLoop
import Glibc
import StreamTokens
import StreamTokensRedis
import Support
import Testing

extension StreamBlackBox {
    @Suite("the end of a stream") struct StreamEndingTests {
        /// This many seconds, and as long as a busy machine may need: without the cause under test these streams never end.
        private static func about(_ seconds: Int) -> Interval { .seconds(seconds + 10) }

        /// Endless numbers, ten a second.
        private static let endless = StreamRequest.count(to: 1_000_000, every: 100)
        /// Numbers as fast as they are read.
        private static let flood = StreamRequest.count(to: 1_000_000_000)

        @Test("when the client leaves, it is charged, the stream is no longer counted, and the workflow is cancelled")
        func clientGone() async throws {
            let service = try await StreamService(try RedisServer(), credits: 1)
            let token = try await service.organization.mint()
            let client = try await service.begin(token, Self.endless)
            try await expect(service.organization.balance, is: Balance(credits: 0, open: 1))
            await client.close()
            try await eventually("the workflow is cancelled", within: Self.about(1)) {
                service.process.output.contains(#""code":"stream_interrupted""#)
            }
            try await eventually("the stream is no longer counted", within: Self.about(1)) {
                try await service.organization.balance == Balance(credits: 0)
            }
            #expect(try await service.organization.isUsed(token))
            try await expect(service.end(), is: 0)
        }

        enum Revocation: CaseIterable, Sendable {
            case organization
            case key
            case token

            func carryOut(_ token: String, of organization: TestOrganization) async throws {
                switch self {
                case .organization:
                    #expect(try await organization.store.revokeTokens(of: organization.name))
                case .key:
                    #expect(try await organization.store.setKey(organization.key.id, enabled: false))
                case .token:
                    _ = try await organization.store.revoke(StreamToken(token).orThrow("no token"))
                }
            }
        }

        @Test("a revoked stream ends within two seconds, even if nobody reads it", arguments: Revocation.allCases)
        func revoked(by revocation: Revocation) async throws {
            let service = try await StreamService(try RedisServer(), ["HEARTBEAT_SECONDS": "1"])
            let organization = service.organization
            let live = try await organization.mint()
            var clients: [StreamClient] = []
            var tokens: [String] = []
            for request in [Self.endless.events, Self.endless, Self.flood.events, Self.flood] {
                tokens.append(try await organization.mint())
                clients.append(try await service.begin(tokens[tokens.count - 1], request))
            }
            try await service.isBlocked()
            try await expect(organization.balance.open, is: 4)
            let start = Instant.now
            for token in tokens { try await revocation.carryOut(token, of: organization) }
            try await eventually("all four have ended", within: Self.about(2)) {
                service.process.output.matches(of: /"code":"revoked"/).count == 4
            }
            let events = try await clients[0].response()
            #expect(events.isWhole && events.code == "revoked")
            #expect(events.body.contains(/event: error\nid: [0-9]+;end\ndata: {"code":"revoked","error":"/))
            #expect(try await !clients[1].response().isWhole)
            for client in clients[2...] {
                let response = try await client.response()
                #expect(!response.isWhole)
                // There are no heartbeats: it was the client that was silent.
                #expect(!response.body.contains("\n:\n"))
            }
            #expect(Instant.now - start < Self.about(2))
            try await expect(organization.members(of: "open"), is: 0)
            let status = try await service.open(live).status
            #expect(status == (revocation == .token ? 200 : 401))
            for client in clients { await client.close() }
            try await expect(service.end(), is: 0)
        }

        @Test("a stream ends after STREAM_MAX_SECONDS, with or without Redis", arguments: [true, false])
        func tooLong(hasRedis: Bool) async throws {
            let redis = try RedisServer()
            let settings = ["STREAM_MAX_SECONDS": "1", "REDIS_TIMEOUT_MS": "10000"]
            let service = try await StreamService(redis, settings)
            let events = try await service.begin(try await service.organization.mint(), Self.endless.events)
            let plain = try await service.begin(try await service.organization.mint(), Self.endless)
            if !hasRedis { redis.suspend() }
            let start = Instant.now
            try await events.receive(through: ";end\ndata: {\"code\":\"stream_too_long\"")
            #expect(Instant.now - start < Self.about(2))
            redis.resume()
            #expect(try await events.response().isWhole)
            #expect(try await !plain.response().isWhole)
            try await eventually("both are no longer counted") { try await service.organization.balance.open == 0 }
            try await expect(service.end(), is: 0)
        }

        @Test("a stream ends GRACE_SECONDS after SIGTERM, with or without Redis", arguments: [true, false])
        func drained(hasRedis: Bool) async throws {
            let redis = try RedisServer()
            let service = try await StreamService(redis, ["GRACE_SECONDS": "1"])
            let organization = service.organization
            let events = try await service.begin(try await organization.mint(), Self.endless.events)
            let plain = try await service.begin(try await organization.mint(), Self.endless)
            let blocked = try await service.begin(try await organization.mint(), Self.flood.events)
            if !hasRedis { redis.suspend() }
            service.process.signal(SIGTERM)
            let response = try await events.response()
            #expect(response.code == "stream_interrupted")
            #expect(response.body.contains("event: error\n"))
            if hasRedis { #expect(response.isWhole) }
            #expect(try await !plain.response().isWhole)
            try await expect(service.process.exitCode(), is: 0)
            redis.resume()
            // Without Redis their leases expire.
            if hasRedis { try await expect(organization.members(of: "open"), is: 0) }
            for client in [events, plain, blocked] { await client.close() }
        }

        @Test("a stream ends if its client reads nothing for 30 s", .enabled(if: LongRun.isOn))
        func noProgress() async throws {
            let service = try await StreamService(try RedisServer())
            let client = try await service.begin(try await service.organization.mint(), Self.flood)
            try await service.isBlocked()
            let start = Instant.now
            try await eventually("it has ended", within: Self.about(30)) {
                service.process.output.contains(#""code":"stream_interrupted""#)
            }
            #expect(Instant.now - start > .seconds(25))
            try await expect(service.organization.members(of: "open"), is: 0)
            await client.close()
            try await expect(service.end(), is: 0)
        }

        @Test("in silence, server-sent events get heartbeats and plain text gets nothing")
        func heartbeats() async throws {
            let service = try await StreamService(try RedisServer(), ["HEARTBEAT_SECONDS": "1"])
            let silent = StreamRequest.count(to: 2, every: 3500)
            let plain = try await service.begin(try await service.organization.mint(), silent)
            let events = try await service.begin(try await service.organization.mint(), silent.events)
            let response = try await events.response()
            #expect(response.isWhole)
            #expect(response.body.matches(of: /\n:\n/).count == 3)
            try await expect(plain.response().body, is: "1\n2\n")
            for client in [events, plain] { await client.close() }
            try await expect(service.end(), is: 0)
        }
    }
}
