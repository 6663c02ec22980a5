#if TLS
import Testing

@Suite("A server of OpenSSL")
struct OpenSSLServerTests {
    @Test("that does not start says at once why")
    func noStart() async throws {
        let error = #expect(throws: OpenSSLServer.Failure.self) { try OpenSSLServer(["-CAfile", "/nowhere"]) }
        #expect(error?.said.contains("/nowhere") == true)
    }
}
#endif
