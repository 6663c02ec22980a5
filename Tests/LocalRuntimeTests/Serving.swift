import FunctionEventLoop
import FunctionRuntime
import StreamTokens
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeCommands
@testable import LocalRuntimeConsole

/// Makes the store on its own loop, as the command does, and serves on two loops while `body` runs.
///
/// With `isDemo` the page gets the key of the organization demo.
func serving(
    redis: RedisServer? = nil,
    environment: [String: String] = [:],
    rate: RateLimit = .default,
    isDemo: Bool = true,
    pageAccess: PageAccess = PageAccess(),
    sink: LogSink = LogSink(descriptor: -1),
    _ body: (_ port: UInt16, _ secret: String) async throws -> Void
) async throws {
    let loop = try EventLoop()
    loop.runOnNewThread()
    defer { loop.stop() }
    let store = LocalStore(redis.map { RedisLocation.Server(url: $0.url, text: "") }, on: loop)
    var environment = environment
    environment["LOOPS"] = "2"
    let server = try LocalServer(
        store,
        host: "127.0.0.1",
        port: 0,
        environment: environment,
        pageAccess: pageAccess,
        sink: sink
    )
    let secret = try await store.administration.makeKey(of: "demo", rate).secret
    try server.start(demoKey: isDemo ? secret : nil)
    do {
        try await body(try #require(server.address.port), secret)
    } catch {
        await server.stop()
        throw error
    }
    await server.stop()
}

/// Sends a request on a new connection and returns the whole response. `fields` are header lines, each with its line end.
func ask(
    _ port: UInt16,
    _ target: String,
    method: String = "GET",
    host: String = "127.0.0.1",
    key: String? = nil,
    fields: String = "",
    body: String = ""
) async throws -> String {
    let client = try RawClient(port: port)
    let authorization = key.map { "Authorization: Bearer \($0)\r\n" } ?? ""
    let length = body.isEmpty ? "" : "Content-Length: \(body.utf8.count)\r\n"
    try await client.send(
        "\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\(authorization)\(length)\(fields)\r\n\(body)"
    )
    return try await client.receiveAll()
}
