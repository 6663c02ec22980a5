import Support
import Testing

@Suite("A free port")
struct FreePortTests {
    @Test("is given to only one server, even if many start at once")
    func once() async throws {
        let ports = try await withThrowingTaskGroup { group in
            for _ in 0..<500 { group.addTask { try FreePort.find() } }
            return try await group.reduce(into: Set<UInt16>()) { $0.insert($1) }
        }
        #expect(ports.count == 500)
    }
}
