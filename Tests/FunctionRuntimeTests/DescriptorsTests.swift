import Testing

@testable import FunctionRuntime

@Suite("The limit of descriptors")
struct DescriptorsTests {
    @Test("has room for each client's connection, its workflow's, and the reserve", arguments: [0, 1], [1, 4])
    func share(perRequest: Int, loops: Int) throws {
        for limit in 1...2000 {
            let descriptors = Descriptors(limit: limit, loops: loops, perRequest: perRequest, servesMetrics: true)
            let connections = descriptors.connections
            #expect((connections == nil) == (limit < descriptors.least))
            guard let connections else { continue }
            #expect(connections >= loops)
            #expect(connections * (1 + perRequest) + descriptors.reserve <= limit)
        }
    }
}
