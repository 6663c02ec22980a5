import Foundation
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeCommands
@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeLambda
@testable import LocalRuntimeReplay

@Suite("The greeting of lambda")
struct LambdaGreetingTests {
    private func text(_ bootstrap: String, name: String = "function") -> String {
        var settings = LambdaSettings()
        settings.name = name
        return LambdaGreeting(bootstrap: bootstrap, settings: settings, url: "http://127.0.0.1:3001").text
    }

    private func curls(_ text: String) -> [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("curl ") }.map(String.init)
    }

    /// The words that a shell passes to curl in this line.
    private func words(_ line: String) throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "curl() { printf '%s\\n' \"$@\"; }; " + line]
        process.environment = ["API_KEY": "sk_1", "TOKEN": "pub_tok_2"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let said = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: said, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test("its curl lines call the token function", arguments: [("token", "function"), ("bootstrap", "token")])
    func token(bootstrap: String, name: String) throws {
        let lines = curls(text(bootstrap, name: name))
        #expect(lines.count == 2)
        try expect(
            words(lines[0]),
            is: ["-H", "Authorization: Bearer sk_1", "http://127.0.0.1:3001/api/v1/token?ttl=60"]
        )
        let invoke = try words(lines[1])
        #expect(invoke[0] == "http://127.0.0.1:3001/2015-03-31/functions/\(name)/invocations")
        #expect(
            invoke[2] == #"{"version":"2.0","rawPath":"/api/v1/token","rawQueryString":"ttl=60","#
                + #""headers":{"authorization":"Bearer sk_1"},"requestContext":{"http":{"method":"GET"}}}"#
        )
    }

    @Test("its curl lines call the stream function")
    func stream() throws {
        let lines = curls(text("stream"))
        #expect(lines.count == 2)
        let path = "/api/v1/run/echo/stream"
        try expect(
            words(lines[0]),
            is: ["-N", "http://127.0.0.1:3001\(path)?token=pub_tok_2", "-d", #"{"text":"hello there"}"#]
        )
        let invoke = try words(lines[1])
        #expect(invoke[2] == "http://127.0.0.1:3001/2015-03-31/functions/function/invocations")
        #expect(invoke[4].contains(#""rawQueryString":"token=pub_tok_2""#))
        #expect(invoke[4].contains(#""body":"{\"text\":\"hello there\"}""#))
    }

    @Test("for another function, its curl lines have only the address")
    func other() throws {
        let lines = curls(text("mine"))
        try expect(words(lines[0]), is: ["http://127.0.0.1:3001/"])
        try expect(
            words(lines[1]),
            is: ["http://127.0.0.1:3001/2015-03-31/functions/function/invocations", "-d", "{}"]
        )
    }

    @Test(
        "a program's name is shown on one line and quoted for the shell",
        arguments: [
            ("token", "token"), ("$(reboot)", "'$(reboot)'"), ("a;b", "'a;b'"), ("it's", #"'it'\''s'"#),
            ("a b", "'a b'"), ("a\nreboot", #"'a\nreboot'"#), ("\u{1B}[2J", #"'\u{1B}[2J'"#), ("`a`", "'`a`'"),
            ("", "''"),
        ]
    )
    func names(name: String, shown: String) {
        #expect(ShellText.name(name) == shown)
        let first = text(name).split(separator: "\n")[0]
        #expect(first == "Lambda on http://127.0.0.1:3001 with the function \(shown). Ctrl-C ends it.")
    }
}
