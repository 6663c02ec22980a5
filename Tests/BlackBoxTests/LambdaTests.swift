import Foundation
import FunctionEventLoop
import FunctionRedis
import Glibc
import StreamTokensRedis
import Support
import Testing

extension BlackBox {
    @Suite("under Lambda's contract") struct LambdaTests {
        /// The response with an event, whose deadline is in `milliseconds`.
        private static func next(_ id: String, _ event: String, in milliseconds: Int? = nil) -> ScriptedServer.Step {
            let now = Date.now.timeIntervalSince1970 * 1000
            let deadline = milliseconds.map { "Lambda-Runtime-Deadline-Ms: \(Int(now) + $0)\r\n" } ?? ""
            return .text(
                "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: \(id)\r\n\(deadline)"
                    + "Content-Length: \(event.utf8.count)\r\n\r\n\(event)"
            )
        }

        private static let accepted = ScriptedServer.Step.text("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")

        private static func mint(_ key: String) -> String {
            """
            {"version":"2.0","rawPath":"/api/v1/token","rawQueryString":"ttl=60",\
            "headers":{"authorization":"Bearer \(key)"},"isBase64Encoded":false,\
            "requestContext":{"http":{"method":"GET","path":"/api/v1/token","sourceIp":"192.0.2.1"}}}
            """
        }

        @Test("it mints, logs its contract, has one thread, and exits with 0 on SIGTERM")
        func mints() async throws {
            let redis = try RedisServer()
            let key = try await Service.makeKey(redis)
            try await ScriptedServer.run { _ in
                [.request, Self.next("id-1", Self.mint(key)), .request, Self.accepted, .request, .pause(Gate())]
            } _: { api in
                var settings = Service.environment(redis)
                settings["AWS_LAMBDA_RUNTIME_API"] = "127.0.0.1:\(api.port)"
                let process = try FunctionProcess(.token, settings)
                try await eventually("it asks again") { api.requests.count >= 3 }
                #expect(api.requests[1].contains(#""statusCode":200"#) && api.requests[1].contains("pub_tok_"))
                #expect(process.output.contains(#""contract":"lambda","because":"AWS_LAMBDA_RUNTIME_API is set""#))
                try await eventually("it is logged") { process.output.contains(#""aws_request_id":"id-1""#) }
                try expect(process.threadCount, is: 1)
                process.signal(SIGTERM)
                try await expect(process.exitCode(), is: 0)
            }
        }

        @Test("it handles the next event after a freeze that outlasts the last deadline and its connections")
        func frozen() async throws {
            let redis = try RedisServer()
            let key = try await Service.makeKey(redis)
            let thawed = Gate()
            try await ScriptedServer.run { _ in
                [.request, Self.next("id-1", Self.mint(key), in: 4000), .request, Self.accepted, .request]
                    + [.pause(thawed), Self.next("id-2", Self.mint(key)), .request, Self.accepted, .request]
            } _: { api in
                var settings = Service.environment(redis)
                settings["AWS_LAMBDA_RUNTIME_API"] = "127.0.0.1:\(api.port)"
                let process = try FunctionProcess(.token, settings)
                try await eventually("it asks again") { api.requests.count >= 3 }
                process.signal(SIGSTOP)
                // A NAT or Redis may close connections meanwhile.
                try await redis.withClient { client in
                    var kill = RedisCommand("CLIENT")
                    for word in ["KILL", "TYPE", "normal", "SKIPME", "yes"] { kill.append(word) }
                    _ = try await client.perform(kill)
                }
                try await Task.sleep(for: .seconds(5))
                process.signal(SIGCONT)
                thawed.open()
                // Afterwards nothing responds, and it asks again and again.
                try await eventually("it asks again") { api.requests.count >= 5 }
                #expect(api.requests[3].contains("/id-2/response") && api.requests[3].contains(#""statusCode":200"#))
                #expect(!process.output.contains("deadline"))
            }
        }

        @Test(
            "it handles the next event over a new connection after a NAT has forgotten the one to Redis in a freeze",
            .enabled(if: LongRun.isOn)
        )
        func forgotten() async throws {
            let redis = try RedisServer()
            let key = try await Service.makeKey(redis)
            let proxy = try FaultyProxy(to: redis, on: proxyLoop)
            let thawed = Gate()
            try await ScriptedServer.run { _ in
                [.request, Self.next("id-1", Self.mint(key), in: 4000), .request, Self.accepted, .request]
                    // A pause alone may last 30 s at most.
                    + [.wait(milliseconds: 10_000), .pause(thawed), Self.next("id-2", Self.mint(key)), .request]
                    + [Self.accepted, .request]
            } _: { api in
                var settings = Service.environment(redis)
                settings["REDIS_URL"] = try await proxy.start().description
                settings["AWS_LAMBDA_RUNTIME_API"] = "127.0.0.1:\(api.port)"
                let process = try FunctionProcess(.token, settings)
                try await eventually("it asks again") { api.requests.count >= 3 }
                let pings = await proxy.count(of: .ping)
                process.signal(SIGSTOP)
                // A connection is probed after 30 s without use.
                try await Task.sleep(for: .seconds(31))
                await proxy.apply(.swallow, to: .ping, atMost: 1)
                process.signal(SIGCONT)
                thawed.open()
                // Afterwards nothing responds, and it asks again and again.
                try await eventually("it asks again") { api.requests.count >= 5 }
                #expect(api.requests[3].contains("/id-2/response") && api.requests[3].contains(#""statusCode":200"#))
                await expect(proxy.count(of: .ping), in: (pings + 1)...)
            }
            await proxy.stop()
        }

        @Test("it reports wrong settings to Lambda before it exits with 1")
        func wrongSettings() async throws {
            try await ScriptedServer.run { _ in
                [.request, Self.accepted]
            } _: { api in
                let process = try FunctionProcess(.token, ["AWS_LAMBDA_RUNTIME_API": "127.0.0.1:\(api.port)"])
                try await expect(process.exitCode(), is: 1)
                let error = try api.requests.first.orThrow("nothing was told")
                #expect(error.hasPrefix("POST /2018-06-01/runtime/init/error HTTP/1.1\r\n"))
                #expect(error.contains("\r\nlambda-runtime-function-error-type: Function.WrongSettings\r\n"))
                #expect(error.contains("REDIS_URL must be set"))
            }
        }

        @Test("a second SIGTERM ends it at once")
        func twice() async throws {
            let redis = try RedisServer()
            let key = try await Service.makeKey(redis)
            try await ScriptedServer.run { _ in
                [.request, Self.next("id-1", Self.mint(key)), .request]
            } _: { api in
                var settings = Service.environment(redis)
                settings["AWS_LAMBDA_RUNTIME_API"] = "127.0.0.1:\(api.port)"
                settings["REDIS_TIMEOUT_MS"] = "60000"
                settings["GRACE_SECONDS"] = "600"
                redis.suspend()
                let process = try FunctionProcess(.token, settings)
                try await eventually("it handles an event") { api.requests.count >= 1 }
                process.signal(SIGTERM)
                // Two signals that are pending at once would count as one.
                try await eventually("the signal is taken") { try process.pendingSignals == 0 }
                process.signal(SIGTERM)
                try await expect(process.exitCode(), is: 0)
                redis.resume()
            }
        }
    }
}
