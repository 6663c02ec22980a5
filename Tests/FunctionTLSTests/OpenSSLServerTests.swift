#if TLS
import Testing

@Suite("A server of OpenSSL")
struct OpenSSLServerTests {
    @Test("that fails to start says why at once")
    func noStart() async throws {
        let error = #expect(throws: OpenSSLServer.Failure.self) { try OpenSSLServer(["-CAfile", "/nowhere"]) }
        #expect(error?.said.contains("/nowhere") == true)
    }
}
#endif
