import FunctionEventLoop
import Glibc
import StreamTokensRedis
import Support
import Testing

extension StreamBlackBox {
    @Suite("over HTTP") struct StreamExchangeTests {
        @Test("a token from the built token function opens one stream of the built stream function")
        func bothSteps() async throws {
            let redis = try RedisServer()
            let tokens = try await Service(redis)
            let streams = try await StreamService(redis)
            let token = try #require(try await tokens.mint().token)
            let response = try await streams.open(token)
            #expect(response.status == 200 && response.body == "one two three")
            let second = try await streams.open(token)
            #expect(second.status == 401 && second.code == "invalid_token")
            for output in [tokens.process.output, streams.process.output] { #expect(!output.contains(token)) }
            try await expect(tokens.end(), is: 0)
            try await expect(streams.end(), is: 0)
        }

        @Test("a request pipelined behind a stream waits for its end, and uses no token before")
        func pipelined() async throws {
            let service = try await StreamService(try RedisServer())
            let (first, second) = (try await service.organization.mint(), try await service.organization.mint())
            let client = StreamClient(port: service.port)
            let count = StreamRequest.count(to: 6, every: 300)
            try await client.send(
                count.text(first) + StreamRequest.echo("next").events.text(second)
                    + "GET /health/liveness HTTP/1.1\r\nhost: test\r\n\r\n"
            )
            try await client.receive(through: "2\n")
            #expect(try await service.organization.isLive(second))
            let responses = [try await client.response(), try await client.response(), try await client.response()]
            #expect(responses[0].body == "1\n2\n3\n4\n5\n6\n")
            #expect(responses[1].body == "retry: 1000\n\nid: 1\ndata: next\n\nevent: done\nid: 1;end\ndata: {}\n\n")
            #expect(responses[2].body == #"{"status":"ok"}"#)
            #expect(responses.allSatisfy { $0.status == 200 && $0.isWhole })
            await client.close()
            try await expect(service.end(), is: 0)
        }

        enum BreakingOff: CaseIterable, Sendable {
            case workflow
            case revocation
            case draining
            case killing
        }

        @Test("a reset tells an HTTP/1.0 client that a text broke off", arguments: BreakingOff.allCases)
        func oldClientBrokenOff(by cause: BreakingOff) async throws {
            let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n1\n\r\n"
            let go = Gate()
            let steps: [ScriptedServer.Step] = [.request, .text(chunked), .pause(go)]
            try await ScriptedServer.run({ _ in steps }) { workflow in
                let settings = ["WORKFLOW_URL": "http://127.0.0.1:\(workflow.port)", "GRACE_SECONDS": "0"]
                let service = try await StreamService(try RedisServer(), settings)
                var request = StreamRequest.echo("")
                request.version = "1.0"
                let client = try await service.begin(try await service.organization.mint(), request)
                switch cause {
                case .workflow: go.open()
                case .revocation:
                    #expect(try await service.organization.store.revokeTokens(of: service.organization.name))
                case .draining: service.process.signal(SIGTERM)
                case .killing: service.process.signal(SIGKILL)
                }
                let response = try await client.response()
                #expect(response.status == 200 && response.body == "1\n" && !response.isWhole)
                go.open()
                await client.close()
                service.process.signal(SIGKILL)
                _ = try await service.process.exitCode()
            }
        }

        @Test("an HTTP/1.0 client gets the bytes without framing until the connection ends", arguments: [false, true])
        func oldClient(wantsEvents: Bool) async throws {
            let service = try await StreamService(try RedisServer())
            var request = StreamRequest.echo("one two")
            request.version = "1.0"
            request.wantsEvents = wantsEvents
            let response = try await service.open(try await service.organization.mint(), request)
            #expect(response.status == 200)
            #expect(response.field("transfer-encoding") == nil && response.field("connection") == "close")
            let events = "retry: 1000\n\nid: 1\ndata: one \n\nid: 2\ndata: two\n\nevent: done\nid: 2;end\ndata: {}\n\n"
            #expect(response.body == (wantsEvents ? events : "one two"))
            try await expect(service.end(), is: 0)
        }
    }
}
