import FunctionEventLoop
import Glibc
import StreamTokens
import Support
import Testing

extension StreamBlackBox {
    @Suite("the admit function") struct AdmitProcessTests {
        private static let secret = "what only the proxy knows"

        /// An `admit` process, and an organization with tokens for it.
        private struct AdmitService {
            let process: FunctionProcess
            let organization: TestOrganization
            let client: Client

            init(_ redis: RedisServer, credits: Int? = nil, _ settings: [String: String] = [:]) async throws {
                organization = try await TestOrganization(redis, credits: credits)
                let environment = Service.environment(redis, ["LOOPS": "1"])
                process = try FunctionProcess(.admit, environment.merging(settings) { $1 })
                let port = try await process.port()
                client = Client(port: port)
                try await eventually("the function is ready") { [client] in
                    try await client.ask("/health/readiness").status == 200
                }
            }

            func ask(_ uri: String, _ fields: String = "") async throws -> ReceivedResponse {
                let named = "x-original-uri: \(uri)\r\nx-original-method: GET\r\n"
                return try await client.ask("/api/v1/admit", fields: named + fields)
            }

            func end() async throws -> Int32 {
                await client.close()
                process.signal(SIGTERM)
                return try await process.exitCode()
            }
        }

        @Test("is in the metrics and the audit with each answer, and in no secret's words")
        func report() async throws {
            let redis = try RedisServer()
            let settings = [
                "METRICS_PORT": "0", "ADMIT_SECRET": Self.secret, "ADMIT_WORKFLOW_PATH": "/ws/{workflow}",
                "ALLOWED_ORIGINS": "https://app.example",
            ]
            let service = try await AdmitService(redis, credits: 2, settings)
            let tokens = [try await service.organization.mint(), try await service.organization.mint()]
            let shown = "x-admit-secret: \(Self.secret)\r\nx-request-id: one\r\n"
            for _ in 0..<2 { try await expect(service.ask("/ws/chat?token=\(tokens[0])", shown).status, is: 204) }
            try await expect(service.ask("/ws/chat?token=\(tokens[0])", shown + "x-a: b\r\n").status, is: 204)
            try await expect(service.ask("/ws/chat?token=\(tokens[0])").status, is: 401)
            let foreign = "origin: https://evil.example\r\n"
            try await expect(service.ask("/ws/chat?token=\(tokens[1])", shown + foreign).status, is: 403)
            let long = try await service.ask("/ws/chat?a=\(String(repeating: "a", count: 65_536))", shown)
            #expect(long.status == 431)

            let scrape = try await Scrape(of: service.process)
            #expect(scrape["admissions_total{outcome=\"admitted\"}"] == 3)
            #expect(scrape["admissions_total{outcome=\"invalid_token\"}"] == 1)
            #expect(scrape["admissions_total{outcome=\"origin_not_allowed\"}"] == 1)
            #expect(scrape["admissions_total{outcome=\"no_credits\"}"] == 0)
            #expect(scrape["attempts_unsettled"] == 0)
            try await expect(service.organization.balance.credits, is: 1)
            try await expect(service.end(), is: 0)

            let audit = service.process.audit
            let words = audit.map { "\($0["event"] ?? "") \($0["code"] ?? "-") \($0["workflow"] ?? "-")" }
            let admission = "admission - chat"
            #expect(
                words == [
                    admission, admission, admission, "refusal invalid_token chat", "refusal origin_not_allowed chat",
                ]
            )
            #expect(audit.allSatisfy { $0["organization_tag"] == service.organization.key.tag.text })
            let output = service.process.output
            // One request has not shown the secret; the log says so once.
            #expect(output.matches(of: #/does not show ADMIT_SECRET/#).count == 1)
            for secret in tokens + [Self.secret] { #expect(!output.contains(secret)) }
        }

        @Test("warns at the start without ADMIT_SECRET, and once of each header that the proxy does not send")
        func warnings() async throws {
            let service = try await AdmitService(try RedisServer())
            for _ in 0..<3 { try await expect(service.client.ask("/api/v1/admit").status, is: 401) }
            try await expect(service.end(), is: 0)
            let output = service.process.output
            #expect(output.matches(of: #/"ADMIT_SECRET is not set"/#).count == 1)
            for name in ["x-original-uri", "x-original-method"] {
                #expect(output.ranges(of: "the proxy does not send \(name)").count == 1)
            }
        }

        @Test("refuses wrong settings at the start, without a secret's text")
        func wrongSettings() async throws {
            let settings = [
                "REDIS_URL": "redis://127.0.0.1:1", "ADMIT_SECRET": "too short", "ADMIT_URI_HEADER": "a b",
                "ADMIT_WORKFLOW_PATH": "/ws/{name}", "ADMIT_REFUSE_AS": "403",
            ]
            let process = try FunctionProcess(.admit, settings)
            try await expect(process.exitCode(), is: 1)
            for words in [
                "ADMIT_SECRET must have at least 16 characters", "ADMIT_URI_HEADER must be the name of a header",
                "ADMIT_WORKFLOW_PATH must be a path", "ADMIT_REFUSE_AS must be one of status, nginx",
            ] {
                #expect(process.output.contains(words))
            }
            #expect(!process.output.contains("too short"))
        }

        @Test("responds with 503 while Redis does not, and the token opens a stream afterwards")
        func storeSuspended() async throws {
            let redis = try RedisServer()
            let service = try await AdmitService(
                redis,
                credits: 1,
                ["METRICS_PORT": "0", "REDIS_TIMEOUT_MS": "100", "ADMIT_SECRET": Self.secret]
            )
            let token = try await service.organization.mint()
            redis.suspend()
            let response = try await service.ask("/?token=\(token)")
            #expect(response.status == 503 && response.code == "store_unavailable")
            redis.resume()
            try await eventually("the attempt is released") {
                let scrape = try await Scrape(of: service.process)
                return scrape["attempts_unsettled"] == 0
                    && scrape["admissions_total{outcome=\"commit_unanswered\"}"] == 1
            }
            try await expect(service.ask("/?token=\(token)").status, is: 204)
            try await expect(service.organization.balance.credits, is: 0)
            try await expect(service.end(), is: 0)
        }
    }
}
