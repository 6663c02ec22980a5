import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures

@Suite("A runtime's life", .timeLimit(.minutes(1)))
struct RuntimeLifeTests {
    private struct Failed: Error {}

    private func hello(_ name: String = "") -> LocalFunction {
        .handler { _ in Response(.ok, body: .text("hello \(name)")) }
    }

    private func port(_ runtime: LocalRuntime) throws -> UInt16 {
        try #require(runtime.url.split(separator: ":").last.flatMap { UInt16($0) })
    }

    @Test("several runtimes run at once, independent of each other")
    func many() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<16 {
                group.addTask {
                    try await LocalRuntime.running([hello("\(number)")]) { (runtime) async throws in
                        for way in TestClient.Way.allCases {
                            try await expect(runtime.client(way).get("/").body.text(), is: "hello \(number)")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("another client reaches it at its address")
    func address() async throws {
        try await LocalRuntime.running([hello("you")]) { runtime in
            let client = try RawClient(port: try port(runtime))
            try await client.send("GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
            #expect(try await client.receiveAll().hasSuffix("hello you"))
        }
    }

    @Test("it has ended when a test throws")
    func throwing() async throws {
        let used = Lock<UInt16>(0)
        await #expect(throws: Failed.self) {
            try await LocalRuntime.running([hello()]) { runtime in
                let port = try port(runtime)
                used.withLock { $0 = port }
                throw Failed()
            }
        }
        #expect(openSockets(port: used.withLock { $0 }) == [])
    }

    @Test("it ends when its last reference is gone")
    func letGo() async throws {
        let port = try await startAndForget()
        #expect(await waitUntil { openSockets(port: port) == [] })
    }

    private func startAndForget() async throws -> UInt16 {
        let runtime = try await LocalRuntime.start(functions: [hello()])
        try await expect(runtime.client().get("/").status, is: .ok)
        return try port(runtime)
    }

    @Test("a body keeps its runtime alive")
    func bodyKeeps() async throws {
        let body = try await LocalRuntime.start(functions: [hello("again")]).client(.socket).get("/").body
        try await expect(body.text(), is: "hello again")
    }

    @Test("a request after the end fails, and ending twice does nothing", arguments: TestClient.Way.allCases)
    func afterwards(way: TestClient.Way) async throws {
        let runtime = try await LocalRuntime.start(functions: [hello()])
        try await runtime.stop()
        try await runtime.stop()
        await #expect(throws: ClientError.connectFailed("the runtime was stopped")) {
            try await runtime.client(way).get("/")
        }
    }

    @Test("the end does not wait for a handler that ignores its cancellation")
    func deafHandler() async throws {
        let gate = Gate()
        defer { gate.open() }
        let deaf = LocalFunction.handler { _ in
            _ = await gate.opened()
            return Response(.ok)
        }
        let runtime = try await LocalRuntime.start(functions: [deaf])
        let response = Task { try await runtime.client(.inProcess).get("/") }
        let start = ContinuousClock.now
        try await Task.sleep(for: .milliseconds(20))
        try await runtime.stop()
        #expect(ContinuousClock.now - start < .seconds(10))
        await #expect(throws: ClientError.self) { try await response.value }
    }
}
