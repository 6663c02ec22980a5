import FunctionTLS
import Testing

@Suite("A build without TLS", .enabled(if: !TLSContext.isBuilt))
struct NotBuiltTests {
    @Test("says how to build with it")
    func says() {
        let error = #expect(throws: TLSError.self) { try TLSContext.system.check() }
        #expect(
            error?.description
                == "this build has no TLS; build with script/build --tls (swift build --traits TLS)"
        )
    }
}
