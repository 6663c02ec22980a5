import Foundation
import FunctionCore
import FunctionEventLoop
import Glibc
import StreamTokens
import Support
import Testing

/// The metrics of a process, from `/metrics`.
struct Scrape {
    let text: String

    init(of process: FunctionProcess) async throws {
        try await eventually("the function says where its metrics are") { process.metricsPort != nil }
        let client = Client(port: try process.metricsPort.orThrow("no port"))
        text = try await client.ask("/metrics").body
        await client.close()
    }

    /// The value of a sample.
    subscript(_ sample: String) -> Double? {
        text.split(separator: "\n").first { $0.hasPrefix("stream_token_\(sample) ") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
    }
}

extension FunctionProcess {
    /// The port of `/metrics`, from its log.
    var metricsPort: UInt16? {
        output.firstMatch(of: /"metrics_address":"[^"]*:(\d+)"/).flatMap { UInt16($0.1) }
    }

    /// Its audit lines.
    var audit: [[String: String]] {
        output.split(separator: "\n").filter { $0.contains(#""message":"audit""#) }.compactMap { line in
            guard case .object(let members)? = try? JSONReader.read(Array(line.utf8)) else { return nil }
            return Dictionary(members.map { ($0.name, $0.value.word) }) { $1 }
        }
    }
}

extension JSON {
    fileprivate var word: String {
        if case .string(let text) = self { text } else { description }
    }
}

extension BlackBox {
    @Suite("metrics and audit") struct MetricsTests {
        private static let trace = "0af7651916cd43dd8448eb211c80319c"
        private static let traceparent = "traceparent: 00-\(trace)-b7ad6b7169203331-01\r\n"

        /// A proxy adds the client's address after the one that the client sent itself.
        private static let forwarded = "x-forwarded-for: 203.0.113.1, 192.0.2.7\r\n"

        @Test("mints and refusals are counted exactly over all loops, and each is in the audit")
        func token() async throws {
            let redis = try RedisServer()
            let service = try await Service(
                redis,
                [
                    "METRICS_PORT": "0", "LOOPS": "2", "LOG_LEVEL": "info", "CLIENT_ADDRESS_HEADER": "X-Forwarded-For",
                ]
            )
            let (mints, refusals) = (40, 12)
            var tokens: [String] = []
            for _ in 0..<mints {
                let response = try await Client(port: service.port)
                    .ask(key: service.key, fields: "connection: close\r\n\(Self.traceparent)\(Self.forwarded)")
                tokens.append(try response.token.orThrow("no token"))
            }
            let stranger = APIKey.random(tag: try APIKey(service.key).orThrow("no key").tag) { .random(in: 0 ... .max) }
            for index in 0..<refusals {
                let key = [nil, "sk_nonsense", stranger.text, service.key][index % 4]
                let path = index % 4 == 3 ? "/api/v1/token?ttl=0" : "/api/v1/token"
                _ = try await Client(port: service.port).ask(path, key: key, fields: "connection: close\r\n")
            }
            let scrape = try await Scrape(of: service.process)
            #expect(scrape["mints_total"] == Double(mints))
            for reason in ["no_key", "unusable_key", "unknown_key", "invalid_ttl"] {
                #expect(scrape["mint_refusals_total{reason=\"\(reason)\"}"] == Double(refusals / 4))
            }
            for reason in ["rate_limited", "no_credits", "store_unavailable"] {
                #expect(scrape["mint_refusals_total{reason=\"\(reason)\"}"] == 0)
            }
            #expect(scrape["requests_total{status=\"200\"}"] == Double(mints))
            #expect(scrape["requests_total{status=\"401\"}"] == Double(refusals / 4 * 3))
            #expect(scrape["request_duration_seconds_count"] == Double(mints + refusals))
            try await expect(service.end(), is: 0)

            let audit = service.process.audit
            let minted = audit.filter { $0["event"] == "mint" }
            #expect(Set(minted.compactMap { $0["token"] }) == Set(tokens.compactMap { StreamToken($0)?.id }))
            #expect(minted.allSatisfy { $0["key"] == APIKey(service.key)?.id && $0["ttl"] == "60" })
            #expect(minted.allSatisfy { $0["trace_id"] == Self.trace && $0["request_id"]?.count == 15 })
            #expect(minted.allSatisfy { $0["client"] == "192.0.2.7" })
            let refused = audit.filter { $0["event"] == "refusal" }
            #expect(refused.allSatisfy { $0["client"] == nil })
            #expect(refused.count == refusals)
            #expect(refused.filter { $0["code"] == "unknown_key" }.allSatisfy { $0["key"] == stranger.key.id })
            #expect(service.process.output.contains(#""message":"request","request_id":""#))
            #expect(
                service.process.output.matches(of: /"trace_id":"0af7651916cd43dd8448eb211c80319c","method"/).count
                    == mints
            )
            Self.expectNoSecret(in: service.process.output, tokens + [service.key, stranger.text])
        }

        @Test("redemptions, refusals and ends of streams are counted exactly, with the token ids of their mints")
        func stream() async throws {
            let redis = try RedisServer()
            let service = try await StreamService(redis, credits: 100, ["METRICS_PORT": "0", "LOOPS": "2"])
            var tokens: [String] = []
            for _ in 0..<10 { tokens.append(try await service.organization.mint()) }
            var request = StreamRequest.echo("one two")
            request.fields = Self.traceparent + Self.forwarded
            for token in tokens { try await expect(service.open(token, request).status, is: 200) }
            for token in tokens.prefix(3) { try await expect(service.open(token).status, is: 401) }
            let unknown = StreamRequest(workflow: "nothing", variables: "{}")
            let kept = try await service.organization.mint()
            try await expect(service.open(kept, unknown).status, is: 404)
            let open = try await service.begin(kept, .count(to: 1000, every: 50))
            try await eventually("all is counted") {
                let scrape = try await Scrape(of: service.process)
                return scrape["streams_open"] == 1 && scrape["streams_ended_total{ending=\"complete\"}"] == 10
            }
            let scrape = try await Scrape(of: service.process)
            #expect(scrape["redemptions_total{outcome=\"committed\"}"] == 11)
            #expect(scrape["redemptions_total{outcome=\"invalid_token\"}"] == 3)
            #expect(scrape["redemptions_total{outcome=\"workflow_not_found\"}"] == 1)
            #expect(scrape["redemptions_total{outcome=\"commit_unanswered\"}"] == 0)
            #expect(scrape["credits_charged_total"] == 11)
            #expect(scrape["credits_released_total"] == 0)
            #expect(scrape["attempts_unsettled"] == 0)
            #expect(scrape["stream_opening_seconds_count"] == 11)
            #expect(scrape["stream_duration_seconds_count"] == 10)
            try await expect(service.organization.balance.credits, is: 89)
            await open.close()
            try await eventually("the client's departure is counted") {
                let scrape = try await Scrape(of: service.process)
                return scrape["streams_open"] == 0 && scrape["streams_ended_total{ending=\"stream_interrupted\"}"] == 1
            }
            try await expect(service.end(), is: 0)

            let audit = service.process.audit
            let redeemed = audit.filter { $0["event"] == "redemption" }
            let ids = Set((tokens + [kept]).compactMap { StreamToken($0)?.id })
            #expect(redeemed.count == 11)
            #expect(Set(redeemed.compactMap { $0["token"] }) == ids)
            #expect(redeemed.allSatisfy { $0["key"] == service.organization.key.id })
            #expect(redeemed.filter { $0["trace_id"] == Self.trace }.count == 10)
            #expect(redeemed.compactMap { $0["workflow"] }.sorted() == ["count"] + Array(repeating: "echo", count: 10))
            // No setting says that the field can be trusted.
            #expect(audit.allSatisfy { $0["client"] == nil })
            let refused = audit.filter { $0["event"] == "refusal" }
            #expect(
                refused.compactMap { $0["code"] }.sorted() == [
                    "invalid_token", "invalid_token", "invalid_token", "workflow_not_found",
                ]
            )
            #expect(refused.allSatisfy { ids.contains($0["token"] ?? "") })
            Self.expectNoSecret(in: service.process.output, tokens + [kept, service.organization.keyText])
        }

        @Test("a commit without a reply is in the audit, and so is its release once Redis is back")
        func commitWithoutReply() async throws {
            let redis = try RedisServer()
            let service = try await StreamService(
                redis,
                credits: 1,
                ["METRICS_PORT": "0", "REDIS_TIMEOUT_MS": "100", "LOOPS": "1"]
            )
            let token = try await service.organization.mint()
            redis.suspend()
            try await expect(service.open(token).status, is: 503)
            redis.resume()
            try await eventually("the attempt is released") {
                let scrape = try await Scrape(of: service.process)
                return scrape["attempts_unsettled"] == 0
                    && scrape["redemptions_total{outcome=\"store_unavailable\"}"] == 1
            }
            try await eventually("it is in the audit") { service.process.audit.contains { $0["event"] == "release" } }
            let lines = service.process.audit
            #expect(lines.map { $0["event"] } == ["refusal", "release"])
            #expect(lines.allSatisfy { $0["token"] == StreamToken(token)?.id })
            #expect(Set(lines.map { $0["request_id"] }).count == 1)
        }

        @Test("if Redis goes away, failures are counted by kind, and lost connections too")
        func redis() async throws {
            let redis = try RedisServer()
            let service = try await Service(redis, ["METRICS_PORT": "0", "LOOPS": "1", "REDIS_TIMEOUT_MS": "100"])
            _ = try await service.mint()
            let before = try await Scrape(of: service.process)
            #expect(before["redis_connections_total"] == 1)
            #expect(before["redis_connections_lost_total"] == 0)
            #expect(before["redis_operations_waiting"] == 0)
            #expect(before["redis_operation_duration_seconds_count"] ?? 0 >= 2)
            redis.kill()
            try await expect(service.mint().status, is: 500)
            try redis.restart()
            // It has forgotten the key.
            try await eventually("Redis is asked again") { try await service.mint().status == 401 }
            let after = try await Scrape(of: service.process)
            let failed = after["mint_refusals_total{reason=\"store_unavailable\"}"] ?? 0
            #expect(failed >= 1)
            let kinds = ["unavailable", "connection_lost", "timed_out"]
            let errors = kinds.reduce(0) { $0 + (after["redis_errors_total{kind=\"\($1)\"}"] ?? 0) }
            #expect(errors >= failed)
            #expect(after["redis_connections_total"] ?? 0 >= 2)
            #expect(after["redis_connections_lost_total"] ?? 0 >= 1)
            #expect(after["requests_total{status=\"500\"}"] == failed)
        }

        @Test("every metric that the alert rules name exists, with the labels that they use")
        func rules() async throws {
            let redis = try RedisServer()
            let token = try await Service(redis, ["METRICS_PORT": "0", "LOOPS": "1"])
            let stream = try await StreamService(redis, ["METRICS_PORT": "0"])
            let admit = try FunctionProcess(.admit, Service.environment(redis, ["PORT": "0", "METRICS_PORT": "0"]))
            _ = try await token.mint()
            var text = ""
            for process in [token.process, stream.process, admit] { text += try await Scrape(of: process).text }
            let rules = try String(contentsOfFile: Self.rules, encoding: .utf8)
            let named = rules.matches(of: /\b(stream_token_\w+|process_\w+)(?:\{(\w+)=~?"([^"]+)"\})?/)
            #expect(named.count > 10)
            let samples = Set(text.split(separator: "\n").filter { !$0.hasPrefix("#") })
            for match in named {
                let (name, label, values) = (match.1, match.2, match.3)
                let found = samples.filter { $0.hasPrefix(name + "{") || $0.hasPrefix(name + " ") }
                #expect(!found.isEmpty, "\(name)")
                // The first two labels are Prometheus' own, and a status only exists once it has occurred.
                guard let label, let values, !["job", "function", "status"].contains(label) else { continue }
                for value in values.split(separator: "|") {
                    #expect(found.contains { $0.contains("\(label)=\"\(value)\"") }, "\(name) \(value)")
                }
            }
        }

        private static let rules = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("functions/deploy/prometheus/alerts.yml").path

        @Test("the audit is written at any log level, unless it is off", arguments: ["on", "off"])
        func audit(setting: String) async throws {
            let redis = try RedisServer()
            let port = try FreePort.find()
            let settings = ["LOG_LEVEL": "error", "AUDIT_LOG": setting, "PORT": "\(port)"]
            let process = try FunctionProcess(.token, Service.environment(redis, settings))
            let client = Client(port: port)
            let key = try await Service.makeKey(redis)
            try await eventually("a token is minted") { (try? await client.ask(key: key))?.status == 200 }
            await client.close()
            process.signal(SIGTERM)
            try await expect(process.exitCode(), is: 0)
            #expect(process.audit.count { $0["event"] == "mint" } == (setting == "on" ? 1 : 0))
            #expect(process.output.split(separator: "\n").count == process.audit.count)
        }

        @Test("the help lists the settings")
        func help() async throws {
            let process = try FunctionProcess(.token, [:], arguments: ["--help"])
            try await expect(process.exitCode(), is: 0)
            for setting in ["METRICS_PORT", "AUDIT_LOG"] { #expect(process.output.contains("  \(setting) ")) }
        }

        /// Expects that a log contains neither the credentials nor their secret parts.
        private static func expectNoSecret(in log: String, _ credentials: [String]) {
            for credential in credentials {
                #expect(!log.contains(credential))
                #expect(!log.contains(credential.suffix(36)))
            }
            #expect(!log.contains("sk_") && !log.contains("pub_tok_"))
        }
    }
}
