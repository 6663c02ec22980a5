import FunctionEventLoop
import StreamTokens
import StreamTokensRedis
import Support
import Testing

extension StreamBlackBox {
    @Suite("tokens with a policy") struct PolicyTests {
        private static let policy = #"""
            {"workflows":["echo"],"variables":{"text":"locked words"},"allow":["interval_ms"],
             "origins":["https://app.example"],"user":"user-4711","max_seconds":60}
            """#

        private func mint(_ service: Service, _ body: String) async throws -> ReceivedResponse {
            let client = StreamClient(port: service.port)
            let head = "POST /api/v1/token HTTP/1.1\r\nhost: test\r\nauthorization: Bearer \(service.key)\r\n"
            let response = try await client.ask("\(head)content-length: \(body.utf8.count)\r\n\r\n\(body)")
            await client.close()
            return response
        }

        @Test("open nothing but what their back end decided, and stay live for that")
        func whole() async throws {
            let redis = try RedisServer()
            let on = ["AUDIT_LOG": "on", "LOG_LEVEL": "debug", "METRICS_PORT": "0"]
            let tokens = try await Service(redis, on)
            let streams = try await StreamService(redis, on)
            let token = try #require(try await mint(tokens, Self.policy).token)
            let page = "origin: https://app.example\r\n"
            for (workflow, variables, fields, code) in [
                ("count", "{}", page, "workflow_not_allowed"), ("echo", "{}", "", "origin_not_allowed"),
                ("echo", "{}", "origin: https://evil.example\r\n", "origin_not_allowed"),
                ("echo", #"{"text":"locked words"}"#, page, "variable_locked"),
                ("echo", #"{"to":1}"#, page, "variable_not_allowed"),
            ] {
                for wantsEvents in [false, true] {
                    let request = StreamRequest(
                        workflow: workflow,
                        variables: variables,
                        wantsEvents: wantsEvents,
                        fields: fields
                    )
                    let response = try await streams.open(token, request)
                    #expect(response.status == 403 && response.code == code)
                    #expect(!response.body.contains("locked words"))
                }
            }
            let good = StreamRequest(workflow: "echo", variables: #"{"interval_ms":0}"#, fields: page)
            let opened = try await streams.open(token, good)
            #expect(opened.status == 200 && opened.body == "locked words")
            try await expect(streams.open(token, good).status, is: 401)

            let user = "user-4711"
            try await eventually("all is in the audit, with the user") {
                let lines = streams.process.audit.filter { $0["end_user"] == user }.map { $0["event"] }
                return lines == Array(repeating: "refusal", count: 10) + ["redemption"]
            }
            #expect(tokens.process.audit.filter { $0["event"] == "mint" }.map { $0["end_user"] } == [user])
            for process in [tokens.process, streams.process] {
                #expect(!process.output.contains("locked words"))
                #expect(!process.output.contains(token))
            }
            try await expect(tokens.end(), is: 0)
            try await expect(streams.end(), is: 0)
        }

        @Test("of a key that requires one are minted with one only, and nothing is counted for a refusal")
        func required() async throws {
            let redis = try RedisServer()
            let tokens = try await Service(redis)
            let key = try #require(APIKey(tokens.key))
            try await redis.withClient { client in
                let store = RedisTokenStore(client: client)
                let limit = RateLimit(limit: 1, window: 86_400_000)
                try await store.addKey(key, name: nil, limit: limit, requiresPolicy: true)
            }
            for body in ["{}", #"{"ttl":5}"#] {
                let response = try await mint(tokens, body)
                #expect(response.status == 403 && response.code == "policy_required")
            }
            try await expect(tokens.mint().status, is: 403)
            try await expect(mint(tokens, Self.policy).status, is: 200)
            try await expect(mint(tokens, Self.policy).status, is: 429)
            try await expect(tokens.end(), is: 0)
        }

        @Test(
            "keep policy and credit if Redis is lost between the reservation and its release",
            arguments: [FaultyProxy.Fate.cut, .swallow, .loseReply]
        )
        func storeLost(fate: FaultyProxy.Fate) async throws {
            let redis = try RedisServer()
            let proxy = try FaultyProxy(to: redis, on: proxyLoop)
            let settings = ["REDIS_TIMEOUT_MS": "2000"]
            let streams = try await StreamService(redis, credits: 1, at: proxy.start(), settings)
            try await rehearsed(through: proxy)
            let organization = streams.organization
            let token = try await organization.mint(policy: #"{"workflows":["echo"]}"#)
            await proxy.apply(fate, to: .release)
            let refused = try await streams.open(token, .count(to: 1))
            #expect(refused.status == 403 && refused.code == "workflow_not_allowed")
            await proxy.heal()
            try await eventually("token and credit are released") {
                guard try await organization.isLive(token) else { return false }
                return try await organization.balance == Balance(credits: 1)
            }
            let details = try await organization.store.inspect(StreamToken(token).orThrow("no token"))
            #expect(details.refusal?.reason == .workflowNotAllowed)
            try await expect(streams.open(token, .count(to: 1)).status, is: 403)
            try await expect(streams.open(token).status, is: 200)
            try await expect(streams.end(), is: 0)
            await proxy.stop()
        }
    }
}
