import FunctionCore
import FunctionTesting
import Testing

@testable import hello

/// Each test runs twice: it calls the function directly, and over a socket.
@Suite("hello")
struct HelloTests {
    @Test("it greets by name", arguments: TestClient.Way.allCases)
    func greeting(way: TestClient.Way) async throws {
        try await LocalRuntime.running([.handler(Hello.handler)]) { runtime in
            let response = try await runtime.client(way).get("/?name=you")
            #expect(response.status == .ok)
            #expect(try await response.body.text() == "Hello, you!\n")
        }
    }

    struct Minted: Decodable {
        let token: String
    }

    // The functions of this project run in your tests as well, on a store with a clock that the test moves.
    @Test("a token opens one stream, and none after it has expired", arguments: TestClient.Way.allCases)
    func streams(way: TestClient.Way) async throws {
        try await LocalRuntime.running([.token, .stream]) { runtime in
            let client = runtime.client(way)
            let organization = try await runtime.store.makeOrganization(credits: 2)
            let key = try await organization.makeKey()

            let token = try await client.get("/api/v1/token?ttl=60", bearer: key).body.json(Minted.self).token
            let target = "/api/v1/run/echo/stream?token=\(token)&text=word%20by%20word"
            var words: [String] = []
            for try await event in try await client.get(target, headers: [.accept: "text/event-stream"]).body.events
            where event.type == nil {
                words.append(event.data)
            }
            #expect(words == ["word ", "by ", "word"])
            #expect(try await client.post("/api/v1/run/echo/stream", bearer: token).status == .unauthorized)
            #expect(try await organization.standing().credits == 1)

            let late = try await client.get("/api/v1/token?ttl=60", bearer: key).body.json(Minted.self).token
            runtime.store.clock.advance(by: .seconds(61))
            #expect(try await client.post("/api/v1/run/echo/stream", bearer: late).status == .unauthorized)
        }
    }
}
