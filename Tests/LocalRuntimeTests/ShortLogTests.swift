import FunctionCore
import Support
import Testing

@testable import LocalRuntimeCommands
@testable import LocalRuntimeConsole

@Suite("The log for a person")
struct ShortLogTests {
    private let plain = Output { _ in }
    private let colorful = Output(isTerminal: true, usesColor: true) { _ in }

    private func short(_ log: String, _ output: Output? = nil) -> String {
        String(decoding: ShortLog.lines(of: Array(log.utf8), for: output ?? plain), as: UTF8.self)
    }

    @Test("a request is its status, method, path and time")
    func request() {
        let line = #"{"time":"T","level":"info","message":"request","request_id":"r","method":"GET","path":"/a","#
        #expect(short(line + #""status":200,"duration_us":1234}\#n"#) == "200  GET /a  1 ms\n")
        #expect(short(line + #""status":401,"duration_us":12}\#n"#) == "401  GET /a  12 µs\n")
        #expect(
            short(line + #""status":200,"duration_us":1,"incomplete":true,"cause":"lost"}\#n"#)
                == "200  GET /a  1 µs  broke off  lost\n"
        )
        #expect(
            short(line + #""status":503,"duration_us":1}\#n"#, colorful)
                == "\u{1B}[31m503\u{1B}[0m  GET /a  1 µs\n"
        )
    }

    @Test("any other line is its level, its message and its other members")
    func message() {
        #expect(
            short(#"{"time":"T","level":"warning","message":"redis","cause":"lost"}"# + "\n")
                == "warning  redis  cause: lost\n"
        )
        #expect(
            short(#"{"time":"T","level":"error","message":"redis","count":2}"# + "\n", colorful)
                == "\u{1B}[31merror\u{1B}[0m  redis  count: 2\n"
        )
    }

    @Test("the lines of one write stay in order, and a line that is not JSON stays as it is")
    func lines() {
        let line = #"{"level":"info","message":"a"}"#
        #expect(short("\(line)\nno JSON\n\(line)\n") == "info  a\nno JSON\ninfo  a\n")
        #expect(short("") == "")
    }

    @Test("control characters and secrets are not shown")
    func escapes() {
        let secret = "sk_demo01" + String(repeating: "x", count: 40)
        let line = short(#"{"level":"info","message":"a","cause":"\u001b[2J \#(secret)"}"# + "\n")
        #expect(!line.contains("\u{1B}") && !line.contains(secret))
    }

    @Test("--log takes only json and short")
    func option() async throws {
        let captured = CapturedConsole()
        try await expect(captured.run(["serve", "--log", "xml"]), is: .commandLine)
        #expect(captured.messages.contains(#"--log must be json or short, not "xml""#))
    }
}
