import Foundation
import FoundationXML
import Support
import Testing

@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeReplay

@Suite("The schemas of a JUnit report")
struct JUnitSchemaTests {
    /// A schema's rule for an element: its attributes and its children.
    private struct Rule {
        var required: Set<String> = []
        var optional: Set<String> = []
        var children: Set<String> = []
    }

    private static let message = Rule(optional: ["message", "type"])
    /// junit-10.xsd of Jenkins' plugin xunit, only for the elements of our reports.
    private static let jenkins: [String: Rule] = [
        "testsuites": Rule(
            optional: ["name", "time", "tests", "failures", "errors"],
            children: ["testsuite"]
        ),
        "testsuite": Rule(
            required: ["name", "tests", "failures", "errors"],
            optional: [
                "group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url",
            ],
            children: ["testsuite", "properties", "testcase", "system-out", "system-err"]
        ),
        "testcase": Rule(
            required: ["name"],
            optional: ["time", "classname", "group"],
            children: ["skipped", "error", "failure", "rerunFailure", "rerunError", "system-out", "system-err"]
        ),
        "failure": message, "error": message, "skipped": message,
    ]
    /// surefire-test-report.xsd of Maven, whose reports are one suite each.
    private static let surefire: [String: Rule] = [
        "testsuite": Rule(
            required: ["name", "tests", "errors", "skipped", "failures"],
            optional: ["time", "group", "version"],
            children: ["properties", "testcase"]
        ),
        "testcase": Rule(
            required: ["name", "time"],
            optional: ["classname", "group"],
            children: ["failure", "rerunFailure", "flakyFailure", "skipped", "error", "system-out", "system-err"]
        ),
        "failure": Rule(required: ["type"], optional: ["message"]),
        "error": Rule(required: ["type"], optional: ["message"]),
        "skipped": Rule(optional: ["message"]),
    ]

    /// A report of fixtures with every verdict, run by `contracts`.
    private func report(_ contracts: [String]) async throws -> (elements: [Element], folder: TemporaryFolder) {
        let folder = try TemporaryFolder()
        try folder.write("deep/er/fine.json", #"{"path":"/"}"#)
        try folder.write("deep/er/fine.expect.json", #"{"status":404}"#)
        try folder.write("none.json", #"{"path":"/"}"#)
        try folder.write("wrong.json", #"{"path":"/<&>\u0027"}"#)
        try folder.write("unreadable.json", "{")
        try folder.write("wrong.json", #"{"path":"/a"}"#)
        try folder.write("wrong.expect.json", #"{"status":200,"headers":{"x":"\u0001]]>\u001b\n\r\t\"<&"}}"#)
        try folder.write("skipped.json", #"{"method":"POST","path":"/api/v1/run/x/stream","query":"a=1&a=2"}"#)
        try folder.write("skipped.expect.json", #"{"status":401}"#)
        let file = folder.path + "/report.xml"
        let words = ["replay", folder.path, "--report", "junit", file] + contracts.flatMap { ["--contract", $0] }
        try await expect(CapturedConsole().run(words), is: .unreadableFixture)
        let data = try #require(FileManager.default.contents(atPath: file))
        let reader = Reader()
        let parser = XMLParser(data: data)
        parser.delegate = reader
        #expect(parser.parse(), "\(String(decoding: data, as: UTF8.self))")
        return (reader.elements, folder)
    }

    @Test("each suite is valid by both schemas, and a report with several suites by that of Jenkins")
    func schemas() async throws {
        for contracts in [["direct"], ["alb"], ["alb", "v1", "direct"]] {
            let (elements, _) = try await report(contracts)
            #expect(elements[0].name == (contracts.count == 1 ? "testsuite" : "testsuites"))
            #expect(elements.count { $0.name == "testsuite" } == contracts.count)
            for element in elements {
                check(element, Self.jenkins)
                if element.name != "testsuites" { check(element, Self.surefire) }
            }
            #expect(elements.contains { $0.name == "skipped" } == contracts.contains("alb"))
            #expect(elements.contains { $0.name == "failure" } && elements.contains { $0.name == "error" })
        }
    }

    private func check(_ element: Element, _ rules: [String: Rule]) {
        guard let rule = rules[element.name] else {
            Issue.record("\(element.name) is in no schema")
            return
        }
        let names = Set(element.attributes.keys)
        #expect(rule.required.isSubset(of: names), "\(element)")
        #expect(names.isSubset(of: rule.required.union(rule.optional)), "\(element)")
        #expect(element.children.isSubset(of: rule.children), "\(element)")
        if let time = element.attributes["time"] { #expect(time.wholeMatch(of: /\d{1,3}\.\d{3}/) != nil, "\(time)") }
        for name in ["tests", "failures", "errors", "skipped"] {
            if let count = element.attributes[name] { #expect(UInt(count) != nil, "\(element)") }
        }
    }

    @Test("the files that a report names exist, and a class is a folder's name with dots")
    func names() async throws {
        let (elements, folder) = try await report(["direct"])
        let cases = elements.filter { $0.name == "testcase" }
        #expect(cases.count == 5)
        for element in cases {
            let name = try #require(element.attributes["classname"])
            #expect(name.wholeMatch(of: /[^.\/]+(\.[^.\/]+)*/) != nil, "\(name)")
        }
        #expect(cases[0].attributes["classname"]?.hasSuffix(".deep.er") == true)
        let told = elements.filter { ["failure", "error"].contains($0.name) }
        #expect(told.count == 2)
        for element in told {
            let file = element.text.prefix { $0 != "#" && $0 != ":" && $0 != "\n" }
            #expect(file.hasPrefix(folder.path))
            #expect(FileManager.default.fileExists(atPath: String(file)), "\(element.text)")
        }
    }

    @Test("a fixture in the working folder has a class too", arguments: ["./a", "a", "../a", "/a"])
    func names(name: String) {
        let result = ReplayResult(
            files: FixtureFiles(name: name),
            backEnd: "direct",
            verdict: .withoutExpectation(status: 500, cause: nil),
            duration: .milliseconds(12_345)
        )
        let text = JUnitReport.text([result])
        #expect(text.contains(#"<testcase classname="fixtures" name="a" time="12.345">"#), "\(text)")
        // There is no expectation, so the failure names the event.
        #expect(text.contains(">\(name).json</failure>"))
    }
}

/// An element of a report.
private struct Element {
    let name: String
    let attributes: [String: String]
    var children: Set<String> = []
    var text = ""
}

private final class Reader: NSObject, XMLParserDelegate {
    /// In the order of their start tags.
    var elements: [Element] = []
    private var open: [Int] = []

    func parser(
        _ parser: XMLParser,
        didStartElement name: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String]
    ) {
        if let parent = open.last { elements[parent].children.insert(name) }
        open.append(elements.count)
        elements.append(Element(name: name, attributes: attributes))
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        open.removeLast()
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        for index in open { elements[index].text += text }
    }
}
