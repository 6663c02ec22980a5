import FunctionCore
import LocalRuntimeConsole
import StreamTokens
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeLambda
@testable import LocalRuntimeRecording

@Suite("Recording")
struct RecordingTests {
    /// Makes each kind of call that the functions distinguish, as far as the built-in workflows allow. Returns the secrets.
    private static func askEverything(_ recording: Recording) async throws -> [String] {
        var secrets = [recording.secret]
        func mint() async throws -> String {
            let token = try await recording.mint()
            secrets.append(token)
            return token
        }
        let echo = Recording.echo
        let target = "/api/v1/token"
        for query in ["", "?ttl=90", "?ttl=301", "?ttl=", "?ttl=1&ttl=2"] {
            _ = try await recording.ask(target + query, key: recording.secret)
        }
        _ = try await recording.ask(target)
        _ = try await recording.ask(target, method: "HEAD", key: recording.secret)
        _ = try await recording.ask("/nowhere/\(recording.secret)?a=%73k_\(recording.secret.dropFirst(3))")
        let others = [
            "Basic dXNlcjpzZWNyZXQ=", "Bearer anotherSystemsCredential", "justASecretWord", "Bearer  sk_short",
        ]
        secrets += ["dXNlcjpzZWNyZXQ=", "anotherSystemsCredential", "justASecretWord", "cookieSecret"]
        for value in others {
            _ = try await recording.ask(target, fields: "Authorization: \(value)\r\nCookie: a=cookieSecret\r\n")
        }
        // A mistyped key still reveals most of the secret.
        _ = try await recording.ask(target, key: recording.secret + "x")
        let unknown = APIKey.random(tag: Placeholders.tag) { .random(in: 0 ... .max) }.text
        secrets.append(unknown)
        _ = try await recording.ask(target, key: unknown)

        let disabled = try await recording.makeKey(of: "disabled")
        _ = try await recording.store.administration.setKey(disabled.key.id, enabled: false)
        let limited = try await recording.makeKey(of: "limited", RateLimit(limit: 1, seconds: 3600))
        let poor = try await recording.makeKey(of: "poor")
        _ = try await recording.store.administration.setCredits(0, of: "poor")
        for secret in [disabled.secret, limited.secret, limited.secret, poor.secret] {
            secrets.append(secret)
            _ = try await recording.ask(target, key: secret)
        }

        let token = try await mint()
        let body = #"{"text":"one \#(token) and \#(recording.secret) two"}"#
        _ = try await recording.ask("\(echo)?token=\(token)", method: "POST", body: body)
        _ = try await recording.ask("\(echo)?token=\(token)", method: "POST", body: body)
        let events = "Accept: text/event-stream\r\n"
        _ = try await recording.ask("\(echo)?text=a%20b+c&token=\(try await mint())", fields: events)
        let encoded = try await mint()
        _ = try await recording.ask("\(echo)?text=a&token=pub%5Ftok%5F\(encoded.dropFirst(8))", fields: events)
        _ = try await recording.ask(
            "/api/v1/run/count/stream",
            method: "POST",
            key: try await mint(),
            body: #"{"to":3}"#
        )
        _ = try await recording.ask("/api/v1/run/nothing/stream", method: "POST", key: try await mint())
        _ = try await recording.ask(echo, method: "POST", key: try await mint(), body: #"{"text":1}"#)
        _ = try await recording.ask(echo, method: "POST", key: try await mint(), body: "no JSON")
        _ = try await recording.ask(echo, method: "PUT", key: try await mint())
        _ = try await recording.ask(echo, method: "OPTIONS", fields: "Origin: https://a.example\r\n")
        _ = try await recording.ask("\(echo)?token=\(try await mint())", method: "POST", key: try await mint())
        _ = try await recording.ask(echo, method: "POST")
        let revoked = try await mint()
        _ = try await recording.store.administration.revoke(try #require(StreamToken(revoked)))
        _ = try await recording.ask(echo, method: "POST", key: revoked)
        return secrets
    }

    @Test("a recording passes a replay at once and contains no secret")
    func everything() async throws {
        var secrets: [String] = []
        let recorded = try await Recording.during { recording in secrets = try await Self.askEverything(recording) }
        #expect(recorded.messages == "")
        #expect(recorded.names.filter { $0.hasSuffix(".expect.json") }.count >= 36)
        #expect(recorded.names.filter { $0.hasSuffix(".scenario.json") }.count == 4)
        let redis = try RedisServer()
        for words in [[], ["--contract", "all"], ["--redis", "\(redis.url)"]] {
            let (code, output) = try await recorded.replay(words)
            #expect(code == .success, "\(output)")
        }
        for (name, text) in recorded.files {
            for secret in secrets {
                let isThere = text.contains(secret) || text.contains(secret.suffix(24)) || name.contains(secret)
                #expect(!isThere, "\(name)")
            }
        }
    }

    @Test("the store's state is given: limits, credits, disabled keys and tokens' states")
    func given() async throws {
        let recorded = try await Recording.during { recording in
            let limited = try await recording.makeKey(of: "a", RateLimit(limit: 1, seconds: 3600))
            _ = try await recording.ask("/api/v1/token", key: limited.secret)
            _ = try await recording.ask("/api/v1/token", key: limited.secret)
            let poor = try await recording.makeKey(of: "b")
            _ = try await recording.store.administration.setCredits(0, of: "b")
            _ = try await recording.ask("/api/v1/token", key: poor.secret)
            let disabled = try await recording.makeKey(of: "c")
            _ = try await recording.store.administration.setKey(disabled.key.id, enabled: false)
            _ = try await recording.ask("/api/v1/token", key: disabled.secret)
            let token = try await recording.mint()
            _ = try await recording.store.administration.revoke(try #require(StreamToken(token)))
            _ = try await recording.ask(Recording.echo, method: "POST", key: token)
        }
        let key = #""secret":"\#(Placeholders.key(1))""#
        func organization(_ name: String) throws -> String? {
            try recorded.json(name)["given", "organizations"]?.description
        }
        try expect(
            organization("token-429-1.expect.json"),
            is: #"[{"name":"acme","keys":[{\#(key),"limit":1,"window":3600,"used":1}]}]"#
        )
        try expect(organization("token-402-1.expect.json"), is: #"[{"name":"acme","credits":0,"keys":[{\#(key)}]}]"#)
        try expect(
            organization("token-401-1.expect.json"),
            is: #"[{"name":"acme","keys":[{\#(key),"enabled":false}]}]"#
        )
        let token = #"{"token":"\#(Placeholders.token(1))","state":"revoked"}"#
        try expect(
            organization("post-run-echo-stream-401-1.expect.json"),
            is: #"[{"name":"acme","keys":[{\#(key)}],"tokens":[\#(token)]}]"#
        )
        let (code, output) = try await recorded.replay()
        #expect(code == .success, "\(output)")
    }

    @Test("a policy is recorded without its user and the values that it locks, and its streams replay all the same")
    func policies() async throws {
        let locked = "instructions-of-the-back-end"
        let policy = #"""
            {"ttl":90,"workflows":["echo"],"variables":{"text":"\#(locked)","n":4711},"allow":["interval_ms"],
             "origins":["https://app.example","http://127.0.0.1"],"user":"jo@example.com"}
            """#
        let recorded = try await Recording.during { recording in
            func mint() async throws -> String {
                let response = try await recording.ask(
                    "/api/v1/token",
                    method: "POST",
                    key: recording.secret,
                    body: policy
                )
                return String(try #require(response.firstMatch(of: /pub_tok_[A-Za-z0-9]+/)?.output))
            }
            let token = try await mint()
            let page = "Origin: https://app.example\r\n"
            let target = "\(Recording.echo)?token=\(token)"
            for (path, fields, body) in [
                (target, "", ""), (target, page, #"{"text":"a guess"}"#), (target, page, #"{"to":1}"#),
                ("/api/v1/run/count/stream?token=\(token)", page, ""),
            ] {
                let response = try await recording.ask(path, method: "POST", fields: fields, body: body)
                #expect(response.hasPrefix("HTTP/1.1 403 "))
            }
            let events = "Accept: text/event-stream\r\nSec-Fetch-Site: same-origin\r\n"
            let opened = try await recording.ask(target + "&interval_ms=0", fields: events)
            #expect(opened.contains("data: \(locked)\n"))
            let text = try await recording.ask(
                "\(Recording.echo)?token=\(try await mint())",
                method: "POST",
                fields: page
            )
            #expect(text.contains(locked))
            let required = try await recording.makeKey(of: "careful")
            try await recording.store.administration.addKey(
                required.key,
                name: nil,
                limit: .default,
                requiresPolicy: true
            )
            _ = try await recording.ask("/api/v1/token", key: required.secret)
            _ = try await recording.ask("/api/v1/token", method: "POST", key: recording.secret, body: #"{"user":1}"#)
        }
        for (name, text) in recorded.files {
            for secret in [locked, "instructions", "4711", "jo@example.com", "example.com"] {
                #expect(!text.contains(secret), "\(secret) in \(name)")
            }
        }
        #expect(!recorded.messages.contains("instructions"))
        let names = recorded.names
        #expect(names.contains("post-token-200-1.expect.json"), "\(names) \(recorded.messages)")
        #expect(names.contains("token-403-1.expect.json"), "\(names) \(recorded.messages)")
        for name in ["run-echo-stream-200-1.scenario.json", "post-run-echo-stream-200-1.scenario.json"] {
            #expect(recorded.files[name]?.contains(#""locked""#) == true, "\(name) \(recorded.messages)")
        }
        #expect(names.filter { $0.hasPrefix("post-run-echo-stream-403-") && $0.hasSuffix(".expect.json") }.count == 3)
        for words in [[], ["--contract", "all"]] {
            let (code, output) = try await recorded.replay(words)
            #expect(code == .success, "\(output)")
        }
    }

    @Test("a policy that cannot be masked is not recorded")
    func unreadablePolicy() async throws {
        let recorded = try await Recording.during { recording in
            for body in [#"{"user":"jo@example.com""#, #"["jo@example.com"]"#] {
                _ = try await recording.ask("/api/v1/token", method: "POST", key: recording.secret, body: body)
            }
        }
        #expect(recorded.files.isEmpty)
        #expect(recorded.messages.contains("not recorded: POST /api/v1/token (400): its policy is no JSON object"))
        #expect(!recorded.messages.contains("example"))
    }

    @Test("a stream and the mint of its token become a scenario, in which the token is captured")
    func scenario() async throws {
        let recorded = try await Recording.during { recording in
            _ = try await recording.store.administration.setCredits(7, of: "demo")
            let token = try await recording.mint(ttl: 90)
            let body = #"{"text":"$${a} \#(token)."}"#
            _ = try await recording.ask("\(Recording.echo)?token=\(token)", method: "POST", body: body)
        }
        let scenario = try recorded.json("post-run-echo-stream-200-1.scenario.json")
        #expect(scenario["given", "organizations"]?.description.contains(#""credits":7"#) == true)
        guard case .array(let steps)? = scenario["steps"] else { throw Missing() }
        #expect(steps.map { $0["event", "path"] } == [.string("/api/v1/token"), .string(Recording.echo)])
        #expect(steps[0]["name"] == .string("mint"))
        #expect(steps[0]["event", "query"] == .string("ttl=90"))
        #expect(steps[1]["event", "query"] == .string("token=${mint.body.token}"))
        #expect(steps[1]["event", "body"] == .string(#"{"text":"$$${a} ${mint.body.token}."}"#))
        #expect(steps[1]["expect", "body"] == .string("$$${a} ${mint.body.token}."))
        #expect(
            steps[1]["expect", "store"]?.description
                == #"{"organizations":{"acme":{"credits":6,"held":0,"open":0}}}"#
        )
        try await expect(recorded.replay().code, is: .success)
    }

    private struct Missing: Error {}

    @Test("a stream whose token was minted before the recording is given the token")
    func tokenFromBefore() async throws {
        let recorded = try await Recording.during { recording in
            let (key, _) = try await recording.makeKey(of: "other")
            let (token, text) = StreamToken.random(tag: key.tag) { .random(in: 0 ... .max) }
            _ = try await recording.store.administration.mint(token, with: key, ttl: 60)
            _ = try await recording.ask(Recording.echo, method: "POST", key: text, body: #"{"text":"a"}"#)
        }
        #expect(recorded.names == ["post-run-echo-stream-200-1.expect.json", "post-run-echo-stream-200-1.json"])
        let store = try recorded.json("post-run-echo-stream-200-1.expect.json")["store", "tokens"]
        #expect(store?[Placeholders.token(1)] == .string("used"))
        try await expect(recorded.replay().code, is: .success)
    }

    @Test("a token that was minted here and has expired is given as expired")
    func expired() async throws {
        let recorded = try await Recording.during { recording in
            let token = try await recording.mint(ttl: 1)
            try await Task.sleep(for: .milliseconds(1100))
            _ = try await recording.ask(Recording.echo, method: "POST", key: token)
        }
        let given = try recorded.json("post-run-echo-stream-401-1.expect.json")["given"]?.description
        #expect(given?.contains(#""ttl":1,"age":2}"#) == true)
        try await expect(recorded.replay().code, is: .success)
    }

    @Test("a workflow's output and its end are given")
    func workflows() async throws {
        func response(_ status: Int, _ fields: String, _ content: String) -> String {
            "HTTP/1.1 \(status) OK\r\nConnection: close\r\n\(fields)\r\n\(content)"
        }
        let chunked = "Transfer-Encoding: chunked\r\n"
        let responses = [
            response(200, "Content-Type: text/plain\r\nContent-Length: 5\r\n", "hello"),
            response(200, "Content-Type: text/event-stream\r\n", "event: a\nid: 7\ndata: b\n\ndata: c\n\n"),
            response(503, "Retry-After: 9\r\nContent-Length: 0\r\n", ""),
            response(500, "Content-Length: 0\r\n", ""),
            response(422, "Content-Length: 0\r\n", ""),
            // These break off.
            response(200, chunked, "2\r\nab\r\n"),
            response(200, chunked, "2\r\nab\r\n"),
        ]
        let fields = ["", "", "", "", "", "", "Accept: text/event-stream\r\n"]
        try await ScriptedServer.run {
            [.request, .text(responses[$0 - 1])]
        } _: { server in
            let url = "http://127.0.0.1:\(server.port)"
            let recorded = try await Recording.during(environment: ["WORKFLOW_URL": url]) { recording in
                for field in fields {
                    _ = try await recording.ask(
                        "/api/v1/run/chat/stream",
                        method: "POST",
                        key: try await recording.mint(),
                        fields: field,
                        body: "{}"
                    )
                }
            }
            #expect(recorded.messages == "")
            let (code, output) = try await recorded.replay()
            #expect(code == .success, "\(output)")
            let workflows = Set(try recorded.fixtures.compactMap { $0["given", "workflow"]?.description })
            #expect(
                workflows == [
                    #"{"output":["hello"]}"#,
                    #"{"events":[{"type":"a","data":"b","id":"7"},{"data":"c"}]}"#,
                    #"{"fails":"busy","retry_after":9}"#, #"{"fails":"unavailable"}"#, #"{"fails":"rejected"}"#,
                    #"{"output":["ab"],"fails":"unavailable"}"#,
                ]
            )
            #expect(recorded.files.values.contains { $0.contains(#""complete": false"#) })
        }
    }

    @Test("a slow stream is replayed without waiting")
    func waits() async throws {
        let recorded = try await Recording.during { recording in
            let token = try await recording.mint()
            let body = #"{"text":"a b","interval_ms":30}"#
            _ = try await recording.ask(Recording.echo, method: "POST", key: token, body: body)
        }
        let scenario = try recorded.json("post-run-echo-stream-200-1.scenario.json")
        #expect(scenario["given", "workflow"]?.description == #"{"output":["a ","b"]}"#)
        try await expect(recorded.replay().code, is: .success)
    }

    @Test("a rejected variable is named in the replayed response too")
    func rejectedVariable() async throws {
        let recorded = try await Recording.during { recording in
            _ = try await recording.ask(Recording.echo, method: "POST", key: try await recording.mint(), body: "{}")
        }
        #expect(recorded.messages == "")
        #expect(recorded.files.values.contains { $0.contains(#"\"text\""#) })
        let (code, output) = try await recorded.replay()
        #expect(code == .success, "\(output)")
    }

    @Test("a race of requests for one token is recorded as it went")
    func race() async throws {
        let recorded = try await Recording.during { recording in
            let token = try await recording.mint()
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await recording.ask(Recording.echo, method: "POST", key: token, body: #"{"text":"a"}"#)
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(recorded.messages == "")
        #expect(recorded.names.filter { $0.hasSuffix(".scenario.json") }.count == 1)
        try await expect(recorded.replay().code, is: .success)
    }

    @Test("settings that affect responses are given")
    func settings() async throws {
        let environment = ["TOKEN_TTL_POLICY": "clamp", "ALLOWED_ORIGINS": "https://a.example"]
        let recorded = try await Recording.during(environment: environment) { recording in
            _ = try await recording.ask("/api/v1/token?ttl=999", key: recording.secret)
            let origin = "Origin: https://b.example\r\n"
            _ = try await recording.ask(Recording.echo, method: "POST", fields: origin)
        }
        try expect(recorded.json("token-200-1.expect.json")["body", "$exact", "ttl"], is: .number(300))
        #expect(recorded.names.contains("post-run-echo-stream-403-1.json"))
        try await expect(recorded.replay().code, is: .success)
    }

    @Test("calls are recorded with Redis too")
    func redis() async throws {
        let redis = try RedisServer()
        let recorded = try await Recording.during(redis: redis) { recording in
            let rich = try await recording.makeKey(of: "rich", RateLimit(limit: 3, seconds: 60))
            _ = try await recording.store.administration.setCredits(5, of: "rich")
            for _ in 0..<4 { _ = try await recording.ask("/api/v1/token", key: rich.secret) }
            let token = try await recording.mint()
            for _ in 0..<2 {
                _ = try await recording.ask(Recording.echo, method: "POST", key: token, body: #"{"text":"a"}"#)
            }
        }
        #expect(recorded.messages == "")
        #expect(recorded.names.contains("token-429-1.json"))
        let (code, output) = try await recorded.replay()
        #expect(code == .success, "\(output)")
    }

    @Test("a store that is down is given as down")
    func storeDown() async throws {
        let redis = try RedisServer()
        let recorded = try await Recording.during(redis: redis) { recording in
            redis.kill()
            _ = try await recording.ask("/api/v1/token", key: recording.secret)
        }
        try expect(recorded.json("token-500-1.expect.json")["given", "store"], is: .string("down"))
        try await expect(recorded.replay().code, is: .success)
    }
}
