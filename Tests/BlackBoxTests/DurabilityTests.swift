import FunctionRedis
import Support
import Testing

extension StreamBlackBox {
    @Suite("with REDIS_WAIT_REPLICAS") struct DurabilityTests {
        @Test("a use that reaches no replica is refused and undone; with a replica the stream opens")
        func replica() async throws {
            let primary = try RedisServer(.tcp, arguments: ["--repl-diskless-sync-delay", "0"])
            guard case .tcp(_, let port) = primary.url.endpoint else { return }
            let settings = ["REDIS_WAIT_REPLICAS": "1", "REDIS_TIMEOUT_MS": "3000"]
            let service = try await StreamService(primary, credits: 1, settings)
            let organization = service.organization
            let token = try await organization.mint()

            let refusal = try await service.open(token)
            #expect(refusal.status == 503)
            #expect(refusal.code == "store_unavailable")
            try await eventually("token and credit are released") {
                guard try await organization.isLive(token) else { return false }
                return try await organization.balance == Balance(credits: 1)
            }

            let replica = try RedisServer(.tcp, arguments: ["--replicaof", "127.0.0.1", "\(port)"])
            try await eventually("the stream opens") {
                let response = try await service.open(token)
                return response.status == 200 && response.body == "one two three"
            }
            #expect(try await organization.isUsed(token))
            try await expect(organization.balance, is: Balance(credits: 0))
            withExtendedLifetime(replica) {}
            try await expect(service.end(), is: 0)
        }
    }
}
