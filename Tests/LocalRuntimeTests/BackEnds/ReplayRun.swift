import Foundation
import Support

@testable import FunctionTesting
@testable import LocalRuntimeConsole

/// A replay of a test's own fixtures.
struct ReplayRun {
    static let key = "sk_Fixed1theOnlySecretOfAFixtureNumber13PezG0"
    static let token = "pub_tok_Fixed1aStreamTokenOfAFixtureNumber011aZXa0"
    /// An organization with the key and the token, and five credits.
    static let organizations =
        #""organizations":[{"name":"acme","credits":5,"keys":[{"secret":"\#(key)"}],"tokens":[{"token":"\#(token)"}]}]"#
    /// A step that mints; `members` are its other members.
    static func mint(_ members: String) -> String {
        #"{"event":{"path":"/api/v1/token","headers":{"authorization":"Bearer \#(key)"}},\#(members)}"#
    }
    /// A step that opens an event stream with the token.
    static func open(_ members: String, workflow: String = "chat") -> String {
        #"{"event":{"method":"POST","path":"/api/v1/run/\#(workflow)/stream","query":"token=\#(token)","#
            + #""headers":{"accept":"text/event-stream"}},\#(members)}"#
    }
    /// A step in which a proxy asks about a request with the token.
    static func admit(_ members: String) -> String {
        #"{"event":{"path":"/api/v1/admit","headers":{"x-original-uri":"/?token=\#(token)","#
            + #""x-original-method":"GET"}},\#(members)}"#
    }
    static func scenario(_ given: String, _ steps: String...) -> [String: String] {
        ["s.scenario.json": #"{"given":{\#(given)},"steps":[\#(steps.joined(separator: ","))]}"#]
    }

    /// The folder of the functions' executables, which is that of the tests.
    static var executables: String {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: tests).deletingLastPathComponent().path
    }

    let code: ExitCode
    let output: String
    let messages: String

    init(_ files: [String: String], _ words: [String]) async throws {
        let folder = try TemporaryFolder()
        for (name, text) in files { try folder.write(name, text) }
        let captured = CapturedConsole()
        code = try await captured.run(["replay", folder.path] + words)
        output = captured.output.replacingOccurrences(of: folder.path + "/", with: "")
        messages = captured.messages
    }
}
