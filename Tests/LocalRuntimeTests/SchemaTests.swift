import Foundation
import FunctionCore
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeLambda

/// The schemas are held against the same cases by script/lint-fixtures.
@Suite("The readers of fixtures and their schemas")
struct SchemaTests {
    private struct Case {
        let file: String
        let content: JSON
        /// The file of givens beside it, if there is one.
        let givens: JSON?

        init(_ json: JSON) throws {
            var object = try JSONObject(json)
            file = try object.require("file", try object.string("file"))
            content = try object.require("content", object["content"])
            givens = object["givens"]
        }

        /// Whether the reader takes it, with an event beside an expectation.
        func isTaken() throws -> Bool {
            let folder = try TemporaryFolder()
            if file == "givens" {
                try folder.write("givens.json", content.description)
                let lint = GivensLint(path: folder.path + "/givens.json", used: [])
                return lint.findings.allSatisfy { $0.severity != .error }
            }
            if let givens { try folder.write("givens.json", givens.description) }
            if file == "expect" { try folder.write("x.json", #"{"path":"/"}"#) }
            try folder.write(file == "event" ? "x.json" : "x.\(file).json", content.description)
            let kind: FixtureFiles.Kind = file == "scenario" ? .scenario : .event
            return (try? Fixture(FixtureFiles(name: folder.path + "/x", kind: kind))) != nil
        }
    }

    private static func cases(_ name: String) throws -> [Case] {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let bytes = try Data(contentsOf: tests.appendingPathComponent("Schema/cases.json"))
        var object = try JSONObject(reading: [UInt8](bytes))
        return try (object.array(name) ?? []).map(Case.init)
    }

    @Test("refuse the same", arguments: ["refused", "refused_by_readers_alone"])
    func refused(name: String) throws {
        let cases = try Self.cases(name)
        #expect(cases.count > 10)
        for each in cases { #expect(try !each.isTaken(), "\(each.file): \(each.content)") }
    }

    @Test("take the same")
    func taken() throws {
        let cases = try Self.cases("taken")
        #expect(cases.count > 30)
        for each in cases { #expect(try each.isTaken(), "\(each.file): \(each.content)") }
    }
}
