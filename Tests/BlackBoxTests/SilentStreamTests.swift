import FunctionEventLoop
import Glibc
import StreamTokens
import StreamTokensRedis
import Support
import Testing

extension StreamBlackBox {
    @Suite("streams that are opened at once") struct SilentStreamTests {
        private typealias Step = ScriptedServer.Step

        /// A second's work, and as long as a busy machine may need.
        private static let second = Interval.seconds(11)
        private static let output = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\none"

        /// A workflow that is silent until the gate opens, and a stream that waits for it.
        private struct Silence {
            let service: StreamService
            let client: StreamClient
            let token: String
            let isOver: Gate

            var balance: Balance { get async throws { try await service.organization.balance } }

            /// When the reservation's lease ends, in milliseconds since 1970; nil if the token is not reserved.
            var leaseEnd: Int? {
                get async throws {
                    guard case .reserved(_, _, _, let end) = try await service.organization.state(of: token) else {
                        return nil
                    }
                    return end
                }
            }

            /// What its client gets until the end.
            func response() async throws -> ReceivedResponse { try await client.response() }
        }

        /// Runs `body` while a workflow is silent.
        private func silent(
            _ settings: [String: String] = [:],
            _ end: Step = .text(output),
            _ body: (Silence) async throws -> Void
        ) async throws {
            let (isOver, isGone) = (Gate(), Gate())
            let steps: [Step] = [.request, .pause(isOver), end, .untilClosed(isGone)]
            try await ScriptedServer.run({ _ in steps }) { workflow in
                let more = ["STREAM_OPENS": "at_once", "WORKFLOW_URL": "http://127.0.0.1:\(workflow.port)"]
                let service = try await StreamService(
                    try RedisServer(),
                    credits: 1,
                    more.merging(settings) { $1 }
                )
                let token = try await service.organization.mint()
                let client = StreamClient(port: service.port)
                try await client.send(StreamRequest.echo("one").events.text(token))
                try await client.receive(through: "retry: 1000\n\n:\n\n")
                try await body(Silence(service: service, client: client, token: token, isOver: isOver))
                isOver.open()
                await client.close()
            }
        }

        @Test("are committed by the first output, and have heartbeats before it")
        func opens() async throws {
            try await silent(["HEARTBEAT_SECONDS": "1", "METRICS_PORT": "0"]) { silence in
                try await expect(silence.leaseEnd, isNot: nil)
                let scrape = try await Scrape(of: silence.service.process)
                #expect(scrape["streams_waiting"] == 1 && scrape["streams_open"] == 0)
                try await expect(silence.balance, is: Balance(credits: 1, held: 1))
                try await silence.client.receive(through: "\r\n3\r\n:\n\n")
                silence.isOver.open()
                let response = try await silence.response()
                #expect(response.status == 200 && response.isWhole)
                #expect(response.body.hasSuffix("id: 1\ndata: one\n\nevent: done\nid: 1;end\ndata: {}\n\n"))
                #expect(try await silence.service.organization.isUsed(silence.token))
                try await expect(silence.balance, is: Balance(credits: 0))
                try await eventually("it is counted") {
                    let scrape = try await Scrape(of: silence.service.process)
                    return scrape["streams_waiting"] == 0 && scrape["credits_charged_total"] == 1
                }
                try await expect(silence.service.end(), is: 0)
            }
        }

        @Test("give token and credit back if the workflow fails, before the event that says so")
        func fails() async throws {
            let failure = Step.text("HTTP/1.1 500 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            try await silent([:], failure) { silence in
                silence.isOver.open()
                try await silence.client.receive(through: "event: error\n")
                #expect(try await silence.service.organization.isLive(silence.token))
                try await expect(silence.balance, is: Balance(credits: 1))
                let response = try await silence.response()
                #expect(response.body.hasSuffix(#""error":"The workflow is not available.","status":502}"# + "\n\n"))
                try await eventually("the log has it") {
                    silence.service.process.output.contains("stream ended before its workflow began")
                }
                try await expect(silence.service.end(), is: 0)
            }
        }

        @Test("whose client leaves in the silence give the token back")
        func left() async throws {
            try await silent { silence in
                await silence.client.close()
                try await eventually("the token is live again", within: Self.second) {
                    try await silence.service.organization.isLive(silence.token)
                }
                try await expect(silence.balance, is: Balance(credits: 1))
                try await expect(silence.service.end(), is: 0)
            }
        }

        @Test("are revoked within two seconds")
        func revoked() async throws {
            try await silent { silence in
                let organization = silence.service.organization
                #expect(try await organization.store.revokeTokens(of: organization.name))
                let response = try await silence.response()
                #expect(response.isWhole && response.code == "revoked")
                #expect(response.body.contains(#""status":401"#))
                try await expect(silence.balance, is: Balance(credits: 1))
                try await expect(silence.service.end(), is: 0)
            }
        }

        @Test("hold nothing for longer than fifteen seconds if the process is killed")
        func killed() async throws {
            try await silent { silence in
                silence.service.process.signal(SIGKILL)
                _ = try? await silence.service.process.exitCode()
                let end = try #require(try await silence.leaseEnd)
                #expect(end <= time(nil) * 1000 + 16_000)
            }
        }

        @Test("end when the process drains, with their tokens given back")
        func drained() async throws {
            try await silent(["GRACE_SECONDS": "1"]) { silence in
                silence.service.process.signal(SIGTERM)
                let response = try await silence.response()
                #expect(response.code == "stream_interrupted")
                #expect(response.body.contains(#""status":503"#))
                try await expect(silence.service.process.exitCode(), is: 0)
                #expect(try await silence.service.organization.isLive(silence.token))
                try await expect(silence.balance, is: Balance(credits: 1))
            }
        }

        @Test("go on while Redis is away for some seconds, and are committed once it is back")
        func storeAway() async throws {
            try await silent { silence in
                silence.service.redis.suspend()
                await testLoop.start { await testLoop.sleep(until: .now + .seconds(3)) }.value
                silence.service.redis.resume()
                try await eventually("it is renewed again") {
                    try await silence.leaseEnd ?? 0 > time(nil) * 1000 + 13_000
                }
                silence.isOver.open()
                let response = try await silence.response()
                #expect(response.isWhole && response.body.contains("event: done"))
                try await expect(silence.balance, is: Balance(credits: 0))
                try await expect(silence.service.end(), is: 0)
            }
        }

        @Test("tell their clients if Redis is away when the workflow begins, and settle once it is back")
        func storeAwayAtCommit() async throws {
            try await silent(["REDIS_TIMEOUT_MS": "500"]) { silence in
                silence.service.redis.suspend()
                silence.isOver.open()
                let response = try await silence.response()
                #expect(response.isWhole && response.code == "store_unavailable")
                silence.service.redis.resume()
                try await eventually("the token is live again") {
                    try await silence.service.organization.isLive(silence.token)
                }
                try await expect(silence.balance, is: Balance(credits: 1))
                try await expect(silence.service.end(), is: 0)
            }
        }

        @Test("are announced once at the start")
        func said() async throws {
            let redis = try RedisServer()
            let settings = ["STREAM_OPENS": "at_once", "LOOPS": "2"]
            let service = try await StreamService(redis, settings)
            #expect(service.process.output.matches(of: /"message":"streams open at once"/).count == 1)
            try await expect(service.end(), is: 0)
        }
    }
}
