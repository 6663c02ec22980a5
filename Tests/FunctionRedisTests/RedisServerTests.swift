import FunctionEventLoop
import FunctionRedis
import Support
import Testing

@Suite struct RedisServerTests {
    @Test("a test's own server starts, restarts and ends", arguments: [RedisServer.Transport.unix, .tcp])
    func lifetime(transport: RedisServer.Transport) throws {
        let server = try RedisServer(transport)
        try server.restart()
        server.suspend()
        server.resume()
        server.kill()
        try server.restart()
    }

    @Test("the error of a server that cannot start has the reason")
    func reason() {
        let error = #expect(throws: RedisServer.Failure.self) { try RedisServer(arguments: ["--nonsense", "1"]) }
        #expect(error?.description.contains("did not start") == true)
    }
}
