import FunctionCore
import StreamTokens
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeLambda
@testable import LocalRuntimeReplay

@Suite("Tokens and streams in tests", .timeLimit(.minutes(1)))
struct TokensInTests {
    struct Minted: Decodable {
        let token: String
        let ttl: Int
    }

    private func mint(_ client: TestClient, _ key: String, ttl: Int = 60) async throws -> String {
        let response = try await client.get("/api/v1/token?ttl=\(ttl)", bearer: key)
        #expect(response.status == .ok)
        return try await response.body.json(Minted.self).token
    }

    private func stream(_ client: TestClient, _ token: String) async throws -> TestResponse {
        try await client.post("/api/v1/run/echo/stream", bearer: token, body: #"{"text":"word by word"}"#)
    }

    @Test("a token opens one stream, which costs a credit", arguments: TestClient.Way.allCases)
    func once(way: TestClient.Way) async throws {
        try await LocalRuntime.running([.token, .stream]) { runtime in
            let organization = try await runtime.store.makeOrganization(credits: 5)
            let client = runtime.client(way)
            let token = try await mint(client, try await organization.makeKey())
            try await expect(stream(client, token).body.text(), is: "word by word")
            try await expect(stream(client, token).status, is: .unauthorized)
            try await expect(organization.standing().credits, is: 4)
            guard case .used = try await runtime.store.state(of: token) else {
                Issue.record("the token is not used")
                return
            }
        }
    }

    @Test("server-sent events are read one by one", arguments: TestClient.Way.allCases)
    func events(way: TestClient.Way) async throws {
        try await LocalRuntime.running([.token, .stream]) { runtime in
            let client = runtime.client(way)
            let token = try await mint(client, try await runtime.store.makeOrganization().makeKey())
            let target = "/api/v1/run/count/stream?token=\(token)&to=3&interval_ms=1"
            let response = try await client.get(target, headers: [.accept: "text/event-stream"])
            #expect(response.headers[.contentType] == "text/event-stream")
            var events: [ServerSentEvent] = []
            for try await event in response.body.events { events.append(event) }
            #expect(events.dropLast().map(\.id) == ["1", "2", "3"])
            #expect(events.last == ServerSentEvent(type: "done", data: "{}", id: "3;end"))
        }
    }

    @Test("the test moves the store's clock: a token expires without waiting", arguments: TestClient.Way.allCases)
    func expiry(way: TestClient.Way) async throws {
        try await LocalRuntime.running([.token, .stream]) { runtime in
            try await expectExpiry(runtime, way)
        }
    }

    @Test("on Redis the test moves the clock as well, and nothing is left there", arguments: TestClient.Way.allCases)
    func redis(way: TestClient.Way) async throws {
        let redis = try RedisServer()
        try await LocalRuntime.running([.token, .stream], store: .redis(redis.url)) { runtime in
            try await LocalRuntime.running([.token, .stream], store: .redis(redis.url)) { other in
                try await expectExpiry(runtime, way)
                try await expectExpiry(other, way)
            }
        }
        try await LocalRuntime.running([.token], store: .redis(redis.url)) { (runtime) async throws in
            try await expect(runtime.store.base.organizations(), is: [])
        }
    }

    private func expectExpiry(_ runtime: LocalRuntime, _ way: TestClient.Way) async throws {
        let client = runtime.client(way)
        let key = try await runtime.store.makeOrganization().makeKey(limit: 2)
        let early = try await mint(client, key, ttl: 300)
        let late = try await mint(client, key, ttl: 300)
        try await expect(client.get("/api/v1/token", bearer: key).status, is: .tooManyRequests)
        runtime.store.clock.advance(by: .milliseconds(299_999))
        try await expect(stream(client, early).status, is: .ok)
        runtime.store.clock.advance(by: .milliseconds(1))
        try await expect(stream(client, late).status, is: .unauthorized)
        try await expect(client.get("/api/v1/token", bearer: key).status, is: .ok)
    }

    @Test("another runtime can serve as the workflow", arguments: TestClient.Way.allCases)
    func workflow(way: TestClient.Way) async throws {
        let workflow = LocalFunction.handler(at: { $0 == "/greet" }) { request in
            Response(.ok, body: .text("hello \(request.headers["x-organization"]?.string ?? "")"))
        }
        try await LocalRuntime.running([workflow]) { workflows in
            let settings = ["WORKFLOW_URL": workflows.url]
            try await LocalRuntime.running([.token, .stream], settings: settings) { runtime in
                let client = runtime.client(way)
                let organization = try await runtime.store.makeOrganization()
                let token = try await mint(client, try await organization.makeKey())
                let response = try await client.post("/api/v1/run/greet/stream", bearer: token)
                try await expect(response.body.text(), is: "hello \(organization.name)")
            }
        }
    }

    @Test("an unreachable store is an error at the start")
    func noStore() async throws {
        let redis = try RedisServer()
        redis.kill()
        await #expect(throws: LocalRuntime.StartError.self) {
            try await LocalRuntime.start(functions: [.token], store: .redis(redis.url))
        }
    }

    @Test("settings have the names and meaning of a deployed function's")
    func settings() async throws {
        try await LocalRuntime.running([.token], settings: ["TOKEN_TTL_POLICY": "clamp", "PORT": "x"]) { runtime in
            let key = try await runtime.store.makeOrganization().makeKey()
            let response = try await runtime.client().get("/api/v1/token?ttl=999", bearer: key)
            try await expect(response.body.json(Minted.self).ttl, is: 300)
        }
    }

    @Test("invalid settings are reported all at once")
    func wrongSettings() async throws {
        let settings = ["TOKEN_TTL_POLICY": "loose", "ALLOWED_ORIGINS": "nowhere"]
        let error = await #expect(throws: LocalRuntime.StartError.self) {
            try await LocalRuntime.start(functions: [.token, .stream], settings: settings)
        }
        #expect(error?.description.contains("TOKEN_TTL_POLICY must be one of strict, clamp") == true)
        #expect(error?.description.contains("ALLOWED_ORIGINS") == true)
    }

    @Test("an open stream ends with the runtime", arguments: TestClient.Way.allCases)
    func openStream(way: TestClient.Way) async throws {
        let runtime = try await LocalRuntime.start(functions: [.token, .stream])
        let client = runtime.client(way)
        let token = try await mint(client, try await runtime.store.makeOrganization().makeKey())
        let target = "/api/v1/run/count/stream?token=\(token)&to=1000&interval_ms=1000"
        let response = try await client.get(target, headers: [.accept: "text/event-stream"])
        var events = response.body.events.makeAsyncIterator()
        try await expect(events.next()?.id, is: "1")
        async let end: Void = runtime.stop()
        var last: ServerSentEvent?
        while let event = try await events.next() { last = event }
        #expect(last?.type == "error")
        try await end
    }
}
