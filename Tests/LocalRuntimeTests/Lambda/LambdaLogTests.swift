import Foundation
import FunctionCore
import FunctionEventLoop
import Glibc
import LocalRuntimeLambda
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures

@Suite("The log in Lambda's response")
struct LambdaLogTests {
    private static let tail = "X-Amz-Log-Type: Tail\r\n"

    /// The log in the response to an event.
    private func log(_ lambda: LambdaHarness, _ event: String) async throws -> String {
        let response = try await lambda.invoke(event, fields: Self.tail)
        let text = try #require(response.firstMatch(of: /x-amz-log-result: (\S+)\r\n/)?.1)
        let bytes = try #require(Base64.decode(String(text)))
        #expect(bytes.count <= 4096)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("it covers its own invocation from START to REPORT, with the output after the response")
    func whole() async throws {
        try await LambdaHarness.run { lambda in
            _ = try await lambda.invoke(#"{"do":"say","text":"others"}"#)
            let log = try await log(lambda, #"{"do":"say","text":"hello"}"#)
            let id = try #require(log.firstMatch(of: /^START RequestId: (\S+) Version: \$LATEST\n/)?.1)
            let lines = "\ntold to say\nhello\nafter the response\nEND RequestId: \(id)\nREPORT RequestId: \(id)\t"
            #expect(log.contains(lines))
            #expect(!log.contains("others"))
            #expect(log.hasSuffix(" MB\n"))
        }
    }

    @Test("it is only sent on request, and an unknown log type is refused")
    func unasked() async throws {
        try await LambdaHarness.run { lambda in
            #expect(!(try await lambda.invoke(#"{"do":"echo"}"#)).contains("x-amz-log-result"))
            let none = try await lambda.invoke(#"{"do":"echo"}"#, fields: "X-Amz-Log-Type: None\r\n")
            #expect(none.hasPrefix("HTTP/1.1 200 "))
            #expect(!none.contains("x-amz-log-result"))
            let other = try await lambda.invoke(#"{"do":"echo"}"#, fields: "X-Amz-Log-Type: tail\r\n")
            #expect(other.hasPrefix("HTTP/1.1 400 "))
            let fields = Self.tail + "X-Amz-Invocation-Type: Event\r\n"
            #expect(try await lambda.invoke(#"{"do":"echo"}"#, fields: fields).hasPrefix("HTTP/1.1 202 "))
        }
    }

    @Test("a long log is cut to its end, but all of it is passed on")
    func long() async throws {
        try await LambdaHarness.run { lambda in
            let log = try await log(lambda, #"{"do":"say","text":"0123456789","times":100000}"#)
            #expect(log.utf8.count == 4096)
            #expect(log.contains("0123456789\nafter the response\nEND "))
            #expect(
                lambda.output == "told to say\n" + String(repeating: "0123456789", count: 100_000)
                    + "\nafter the response\n"
            )
        }
    }

    @Test("it says why an invocation failed")
    func failures() async throws {
        try await LambdaHarness.run(with: { $0.timeout = .seconds(2) }) { lambda in
            let exit = try await log(lambda, #"{"do":"exit","code":3}"#)
            #expect(exit.contains("\ntold to exit\nRequestId: "))
            #expect(exit.contains("Error: Runtime exited with error: exit status 3\nRuntime.ExitError\nEND "))
            let late = try await log(lambda, #"{"do":"hang"}"#)
            #expect(late.contains("\ntold to hang\n"))
            #expect(late.contains("Task timed out after 2.00 seconds\nEND "))
            #expect(late.hasSuffix("\tStatus: timeout\n"))
        }
    }

    @Test("output during the start is in the first invocation's log, output between invocations in none")
    func others() async throws {
        try await LambdaHarness.run(variables: ["INIT": "chatter"], with: { $0.freezes = false }) { lambda in
            let first = try await log(lambda, #"{"do":"echo"}"#)
            #expect(first.hasPrefix("begins to chatter\nSTART "))
            // It writes this each time after it has asked for the next event.
            #expect(await waitUntil { lambda.output.hasSuffix("chatters\n") })
            let second = try await log(lambda, #"{"do":"echo"}"#)
            #expect(second.hasPrefix("START "))
        }
    }

    @Test("it has the output of a process that failed to start", arguments: ["exit", "error"])
    func initialization(way: String) async throws {
        try await LambdaHarness.run(variables: ["INIT": way]) { lambda in
            let log = try await log(lambda, "{}")
            #expect(log.hasPrefix("begins to \(way)\nINIT_REPORT "))
            #expect(log.contains("\nSTART RequestId: "))
        }
    }

    @Test("it says that the program could not be started")
    func notStarted() async throws {
        try await LambdaHarness.run("#!/nowhere/interpreter\n") { lambda in
            let log = try await log(lambda, "{}")
            #expect(log.contains("\nRuntime.InvalidEntrypoint\n"))
        }
    }

    @Test("a child that keeps the process's output open delays nothing")
    func outlived() async throws {
        try await LambdaHarness.run { lambda in
            let log = try await log(lambda, #"{"do":"leave a child"}"#)
            #expect(log.contains("exit status 1"))
            try await expect(lambda.result(#"{"do":"respond","text":"1"}"#), is: "1")
        }
    }

    @Test("an unread log blocks only the process that writes, and arrives whole once it is read")
    func unread() async throws {
        let pipe = try Spawn.makePipe()
        let count = Lock(0)
        try await LambdaHarness.run(bufferedLog: pipe.write) { lambda in
            async let flooding = lambda.result(#"{"do":"say","text":"0123456789","times":100000}"#)
            // The first process blocks in write(2), while another one responds.
            for _ in 0..<3 {
                let response = try await lambda.result(#"{"do":"respond","text":"1"}"#)
                #expect(response == "1")
            }
            Foundation.Thread.detachNewThread {
                var buffer = [UInt8](repeating: 0, count: 65_536)
                while case let read = Glibc.read(pipe.read, &buffer, buffer.count), read > 0 {
                    count.withLock { $0 += read }
                }
                close(pipe.read)
            }
            let flooded = try await flooding
            #expect(flooded == #""said""#)
            let others = 3 * "told to respond\n".utf8.count
            let all = "told to say\n\nafter the response\n".utf8.count + 1_000_000 + others
            #expect(await waitUntil { count.withLock { $0 } == all })
        }
        close(pipe.write)
    }

    @Test("simultaneous invocations in one environment each have its output")
    func slots() async throws {
        try await LambdaHarness.run(with: { $0.slots = 2 }) { lambda in
            async let first = log(lambda, #"{"do":"sleep","seconds":0.3}"#)
            async let second = log(lambda, #"{"do":"say","text":"hello"}"#)
            let logs = try await [first, second]
            #expect(logs[0].contains("\nREPORT "))
            #expect(logs[1].contains("hello\n"))
        }
    }
}
