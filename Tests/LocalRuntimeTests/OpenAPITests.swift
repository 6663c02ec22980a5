import FunctionCore
import FunctionRuntime
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeCommands
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeReplay

/// script/openapi holds it against the events and against the servers.
@Suite("The description of what the functions answer")
struct OpenAPITests {
    @Test("is that of this version, in OpenAPI 3.1")
    func version() throws {
        let document = try JSONReader.read(PackageResources.openapi_json)
        // Answers are the same with TLS.
        let version = Runtime.version.replacing(" with TLS", with: "")
        #expect(document["info"]?["version"] == .string(version))
        guard case .string(let format)? = document["openapi"] else {
            Issue.record("it does not say what it is")
            return
        }
        #expect(format.hasPrefix("3.1."))
    }
}

extension JSON {
    fileprivate subscript(_ name: String) -> JSON? {
        if case .object(let members) = self { members.first { $0.name == name }?.value } else { nil }
    }
}
