import FunctionCore
import FunctionRuntime
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeCommands
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeReplay

/// script/openapi checks the description against the events and the servers.
@Suite("The OpenAPI description")
struct OpenAPITests {
    @Test("is OpenAPI 3.1 and has this version")
    func version() throws {
        let document = try JSONReader.read(PackageResources.openapi_json)
        // Responses are the same with TLS.
        let version = Runtime.version.replacing(" with TLS", with: "")
        #expect(document["info"]?["version"] == .string(version))
        guard case .string(let format)? = document["openapi"] else {
            Issue.record("the member openapi is missing")
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
