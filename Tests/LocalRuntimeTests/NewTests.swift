import Foundation
import FunctionCore
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeCommands
@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures

@Suite("Making a function")
struct NewTests {
    private static let root = URL(fileURLWithPath: #filePath + "/../../..").standardizedFileURL.path
    private static let manifest = "Package.swift"
    private static let list = "local-runtime/Harness/Functions/PackageFunction.swift"
    private static let description = "local-runtime/CommandLine/OpenAPI/openapi.json"

    /// A copy of the files of this package that a new function changes or is checked against. The functions of these tests
    /// have names that no real function has.
    private func package() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let handler = "functions/token/Handler/TokenFunction.swift"
        for path in [Self.manifest, Self.list, Self.description, handler, "events/README.md"] {
            try folder.write(path, try String(contentsOfFile: "\(Self.root)/\(path)", encoding: .utf8))
        }
        try folder.write("Tests/README.md", "")
        return folder
    }

    private func function(_ name: String = "specimen", _ path: String = "/api/v1/specimen") throws -> NewFunction {
        try NewFunction(name: name, method: "GET", path: path)
    }

    /// Every file below the folder, with its text.
    private func contents(of folder: TemporaryFolder) throws -> [String: String] {
        var contents: [String: String] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
            contents[path] = (try? String(contentsOfFile: "\(folder.path)/\(path)", encoding: .utf8)) ?? "a folder"
        }
        return contents
    }

    @Test("this package has the places that a new function is written to")
    func places() throws {
        let scaffold = try Scaffold(try function(), in: Self.root)
        #expect(scaffold.created.allSatisfy { !FileManager.default.fileExists(atPath: "\(Self.root)/\($0.path)") })
        let list = try #require(scaffold.changed.first { $0.path == Self.list })
        #expect(
            list.text.contains(
                "\nimport StreamTokensSpecimenFunction\nimport StreamTokensStreamFunction\n"
            )
        )
        #expect(list.text.contains("                at: SpecimenFunction.path,\n"))
        let manifest = try #require(scaffold.changed.first { $0.path == Self.manifest })
        for part in [
            #"        .executable(name: "specimen", targets: ["StreamTokensSpecimenExecutable"]),"#,
            #"            "StreamTokensSpecimenFunction",\#n            path: "functions/specimen/Handler","#,
            #"            path: "functions/specimen/Executable","#,
            #"            "StreamTokensSpecimenFunction",\#n            // Those of `local-runtime new` come before this line."#,
            #"            "StreamTokensSpecimenFunctionTests",\#n            "FunctionCore","#,
        ] {
            #expect(manifest.text.ranges(of: part + "\n").count == 1, "\(part)")
        }
    }

    @Test("two functions are written one after the other")
    func writes() throws {
        let package = try package()
        let before = try contents(of: package)
        try Scaffold(try function(), in: package.path).write()
        try Scaffold(try function("specimens", "/api/v1/specimens"), in: package.path).write()
        let after = try contents(of: package)
        for path in [
            "functions/specimens/Handler/SpecimensFunction.swift",
            "functions/specimen/Executable/SpecimenExecutable.swift",
            "events/specimen/answered.json", "Tests/StreamTokensSpecimenFunctionTests/SpecimenFunctionTests.swift",
        ] {
            #expect(after[path] != nil, "\(path)")
        }
        let list = try #require(after[Self.list])
        let imports = ["Specimen", "Specimens", "Stream"].map { "import StreamTokens\($0)Function\n" }.joined()
        #expect(list.contains("\n" + imports))
        #expect(before.keys.allSatisfy { after[$0] != nil })
        let changed = before.filter { after[$0.key] != $0.value }.keys.sorted()
        #expect(changed == [Self.manifest, Self.description, Self.list].sorted())
    }

    @Test("the OpenAPI description describes the function")
    func description() throws {
        let scaffold = try Scaffold(try function(), in: Self.root)
        let text = try #require(scaffold.changed.first { $0.path == Self.description }?.text)
        let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let paths = try #require(document["paths"] as? [String: Any])
        let operation = try #require((paths["/api/v1/specimen"] as? [String: Any])?["get"] as? [String: Any])
        #expect(operation["tags"] as? [String] == ["specimen"])
        let tags = try #require(document["tags"] as? [[String: String]])
        #expect(tags.map { $0["name"] }.suffix(2) == ["specimen", "health"])
    }

    @Test("imports are in order whatever the function's name", arguments: ["a", "functionz", "specimen", "z"])
    func imports(name: String) throws {
        let scaffold = try Scaffold(try function(name), in: Self.root)
        for file in scaffold.created + scaffold.changed {
            let imports = file.text.split(separator: "\n").filter { $0.hasPrefix("import ") }
            #expect(imports == imports.sorted(), "\(file.path)")
        }
    }

    @Test("no line is too long for the linter, however long the name and the path")
    func lines() throws {
        let (name, path) = (String(repeating: "a", count: 20), "/" + String(repeating: "a", count: 59))
        let function = try NewFunction(name: name, method: "DELETE", path: path)
        let scaffold = try Scaffold(function, in: Self.root)
        for file in scaffold.created + scaffold.changed where file.path.hasSuffix(".swift") {
            #expect(file.text.split(separator: "\n").allSatisfy { $0.count <= 120 }, "\(file.path)")
        }
    }

    @Test("the fixtures are readable")
    func fixtures() throws {
        let folder = try TemporaryFolder()
        for file in try function().files { try folder.write(file.path, file.text) }
        for name in ["answered", "other-method"] {
            let fixture = try Fixture(FixtureFiles(name: "\(folder.path)/events/specimen/\(name)"))
            let delivery = try #require(fixture.deliveries.first)
            #expect(delivery.event.example.path == "/api/v1/specimen")
            #expect(delivery.expectation != nil)
        }
    }

    @Test(
        "invalid names are refused",
        arguments: [
            "", "Hello", "hello-world", "1st", "héllo", "a/b", "..", "class", "swift",
            String(repeating: "a", count: 21),
        ]
    )
    func badNames(name: String) {
        let error = #expect(throws: CommandFailure.self) { try function(name) }
        #expect(error?.exitCode == .commandLine)
        #expect(error?.message.hasPrefix("NAME ") == true)
    }

    @Test("other methods and lower case are refused", arguments: ["get", "HEAD", "OPTIONS", "G T", ""])
    func badMethods(method: String) {
        let error = #expect(throws: CommandFailure.self) {
            try NewFunction(name: "specimen", method: method, path: "/a")
        }
        #expect(error?.message.hasPrefix("METHOD must be one of GET, POST, PUT, PATCH, DELETE") == true)
    }

    @Test(
        "invalid paths are refused",
        arguments: [
            "", "a", "/", "//a", "/a/", "/a b", "/a?b", "/../a", "/%41", "/\"", "/" + String(repeating: "a", count: 60),
        ]
    )
    func badPaths(path: String) {
        let error = #expect(throws: CommandFailure.self) { try function("specimen", path) }
        #expect(error?.message.hasPrefix("PATH must be one or more segments") == true)
    }

    @Test(
        "a path that is served already is refused",
        arguments: [
            ("/api/v1/token", "the function token"), ("/api/v1/run/hello/stream", "the function stream"),
            ("/health/liveness", "the runtime"), ("/mint", "the page of serve"),
        ]
    )
    func takenPaths(path: String, owner: String) {
        let error = #expect(throws: CommandFailure.self) { try function("specimen", path) }
        #expect(error?.message == "\(path) is already served by \(owner)")
    }

    @Test("the name and path of a function made after this program was built are refused, and nothing changes")
    func twice() throws {
        let package = try package()
        try Scaffold(try function(), in: package.path).write()
        let before = try contents(of: package)
        let name = #expect(throws: CommandFailure.self) {
            try Scaffold(try function("specimen", "/other"), in: package.path).write()
        }
        #expect(name?.message == "NAME cannot be specimen: functions/specimen exists already")
        let path = #expect(throws: CommandFailure.self) { try Scaffold(try function("hi"), in: package.path).write() }
        #expect(path?.message == "/api/v1/specimen is already served by the function specimen")
        try expect(contents(of: package), is: before)
    }

    @Test("a target's name is refused in any case", arguments: ["support"])
    func targets(name: String) throws {
        let package = try package()
        let error = #expect(throws: CommandFailure.self) { try Scaffold(try function(name), in: package.path) }
        #expect(error?.message.hasPrefix("NAME cannot be \(name): Package.swift has ") == true)
    }

    @Test("a failed write leaves the package as it was")
    func rollback() throws {
        let package = try package()
        try FileManager.default.removeItem(atPath: package.path + "/Tests")
        try package.write("Tests", "a file in the way")
        let before = try contents(of: package)
        let error = #expect(throws: CommandFailure.self) { try Scaffold(try function(), in: package.path).write() }
        #expect(error?.exitCode == .couldNotRun)
        #expect(error?.message.hasPrefix("the package was not changed") == true)
        try expect(contents(of: package), is: before)
    }

    @Test("in a package that has changed too much, the error names the missing anchor")
    func changed() throws {
        let package = try package()
        let text = try String(contentsOfFile: "\(package.path)/\(Self.manifest)", encoding: .utf8)
        try package.write(Self.manifest, text.replacing("// What the executables share", with: "// What they share"))
        let error = #expect(throws: CommandFailure.self) { try Scaffold(try function(), in: package.path) }
        #expect(error?.exitCode == .couldNotRun)
        #expect(error?.message.contains("Package.swift has changed, and nothing was written: ") == true)
    }

    @Test("another folder is refused")
    func elsewhere() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: CommandFailure.self) { try Scaffold(try function(), in: folder.path) }
        #expect(error?.message == "this is not the folder of stream-token's Package.swift: run the command there")
        try folder.write(Self.manifest, "let package = Package(name: \"other\")")
        #expect(throws: CommandFailure.self) { try Scaffold(try function(), in: folder.path) }
    }
}
