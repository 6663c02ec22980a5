import Foundation
import FunctionEventLoop
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeLambda

@Suite("Lambda's environments")
struct LambdaLifeTests {
    @Test("one environment serves one invocation after the other, and is stopped between them")
    func freezing() async throws {
        try await LambdaHarness.run { lambda in
            let id = try #require(Int(try await lambda.result(#"{"do":"pid"}"#)))
            #expect(await waitUntil { state(ofProcess: id) == "T" })
            try await expect(lambda.result(#"{"do":"pid"}"#), is: "\(id)")
            #expect(await waitUntil { state(ofProcess: id) == "T" })
        }
    }

    @Test("without freezing, an environment stays awake between invocations")
    func notFreezing() async throws {
        try await LambdaHarness.run(with: { $0.freezes = false }) { lambda in
            let id = try #require(Int(try await lambda.result(#"{"do":"pid"}"#)))
            #expect(await waitUntil { lambda.log.contains("REPORT ") })
            #expect(state(ofProcess: id) == "S")
        }
    }

    @Test("the log has Lambda's lines with measured durations")
    func report() async throws {
        try await LambdaHarness.run { lambda in
            _ = try await lambda.result(#"{"do":"sleep","seconds":0.2}"#)
            _ = try await lambda.result(#"{"do":"pid"}"#)
            #expect(await waitUntil { lambda.log.count { $0 == "\n" } == 6 })
            let lines = lambda.log.split(separator: "\n")
            let id = try #require(lines[0].wholeMatch(of: /START RequestId: ([0-9a-f-]{36}) Version: \$LATEST/)?.1)
            #expect(lines[1] == "END RequestId: \(id)")
            let first = try #require(
                lines[2].wholeMatch(
                    of:
                        /REPORT RequestId: (.+)\tDuration: (.+) ms\tBilled Duration: (\d+) ms\tMemory Size: 128 MB\tMax Memory Used: (\d+) MB\tInit Duration: (.+) ms/
                )
            )
            let (duration, initDuration) = (try #require(Double(first.2)), try #require(Double(first.5)))
            #expect(first.1 == id)
            #expect((200..<30_000).contains(duration))
            #expect(initDuration > 1)
            try expect(abs(#require(Double(first.3)) - (duration + initDuration)), in: ..<1.1)
            // The interpreter alone takes some memory.
            #expect((3..<100).contains(try #require(Int(first.4))))
            #expect(!lines[5].contains("Init Duration"))
        }
    }

    @Test("simultaneous invocations have an environment each, up to the limit; then the response is 429")
    func parallel() async throws {
        try await LambdaHarness.run(with: { $0.concurrency = 2 }) { lambda in
            async let first = lambda.result(#"{"do":"sleep","seconds":6}"#)
            async let second = lambda.result(#"{"do":"sleep","seconds":6}"#)
            #expect(await waitUntil { lambda.log.count(of: "START ") == 2 })
            let third = try await lambda.invoke(#"{"do":"pid"}"#)
            #expect(third.hasPrefix("HTTP/1.1 429 "))
            #expect(third.contains("x-amzn-errortype: TooManyRequestsException\r\n"))
            #expect(try await lambda.front(#"{"do":"pid"}"#).hasPrefix("HTTP/1.1 429 "))
            let processes = try await Set([first, second])
            #expect(processes.count == 2)
            #expect(await waitUntil { lambda.log.count(of: "REPORT ") == 2 })
            // Sequential invocations all go to the environment that was used last.
            var used: Set<String> = []
            for number in 3...6 {
                used.insert(try await lambda.result(#"{"do":"pid"}"#))
                #expect(await waitUntil { lambda.log.count(of: "REPORT ") == number })
            }
            #expect(used.count == 1)
            #expect(used.isSubset(of: processes))
        }
    }

    @Test("on a Managed Instance one process runs several invocations at once")
    func slots() async throws {
        try await LambdaHarness.run(with: { ($0.concurrency, $0.slots) = (1, 3) }) { lambda in
            async let first = lambda.result(#"{"do":"sleep","seconds":6}"#)
            async let second = lambda.result(#"{"do":"sleep","seconds":6}"#)
            async let third = lambda.result(#"{"do":"sleep","seconds":6}"#)
            #expect(await waitUntil { lambda.log.count(of: "START ") == 3 })
            #expect(try await lambda.invoke(#"{"do":"pid"}"#).hasPrefix("HTTP/1.1 429 "))
            let processes = try await Set([first, second, third])
            #expect(processes.count == 1)
            let environment = try await lambda.result(#"{"do":"environment"}"#)
            #expect(environment.contains(#""AWS_LAMBDA_MAX_CONCURRENCY": "3""#))
        }
    }

    @Test("a timeout on a Managed Instance does not affect other invocations")
    func slotTimeout() async throws {
        try await LambdaHarness.run(with: { ($0.concurrency, $0.slots, $0.timeout) = (1, 2, .seconds(2)) }) { lambda in
            async let hanging = lambda.result(#"{"do":"hang"}"#)
            #expect(await waitUntil { lambda.log.count(of: "START ") == 1 })
            let id = try await lambda.result(#"{"do":"pid"}"#)
            #expect(try await hanging.contains("Sandbox.Timedout"))
            try await expect(lambda.result(#"{"do":"pid"}"#), is: id)
        }
    }

    @Test("a process that exits before it asks for an event is the invocation's error")
    func initExit() async throws {
        try await LambdaHarness.run(variables: ["INIT": "exit"]) { lambda in
            let response = try await lambda.invoke(#"{"do":"pid"}"#)
            #expect(response.contains("x-amz-function-error: Unhandled\r\n"))
            #expect(response.content.hasPrefix(#"{"errorType":"Runtime.ExitError","#))
            #expect(response.content.hasSuffix(#"Error: Runtime exited with error: exit status 7"}"#))
            #expect(
                lambda.log.contains(
                    /INIT_REPORT Init Duration: [\d.]+ ms\tPhase: init\tStatus: error\tError Type: Runtime.ExitError\n/
                )
            )
        }
    }

    @Test("the error that a process reports for its init is the response")
    func initError() async throws {
        try await LambdaHarness.run(variables: ["INIT": "error"]) { lambda in
            let response = try await lambda.invoke(#"{"do":"pid"}"#)
            #expect(response.content == #"{"errorMessage":"no store","errorType":"Own"}"#)
            #expect(lambda.log.contains("Phase: init\tStatus: error\tError Type: Runtime.NoStore\n"))
        }
    }

    @Test("an init that takes too long is ended")
    func initTimeout() async throws {
        try await LambdaHarness.run(variables: ["INIT": "hang"], with: { $0.initTimeout = .seconds(1) }) { lambda in
            let response = try await lambda.result(#"{"do":"pid"}"#)
            #expect(response.hasPrefix(#"{"errorType":"Sandbox.Timedout","#))
            #expect(lambda.log.contains("Phase: init\tStatus: timeout\n"))
        }
    }

    @Test("after a failed init the next invocation tries again")
    func initAgain() async throws {
        try await LambdaHarness.run(variables: ["INIT": "once"]) { lambda in
            let response = try await lambda.result(#"{"do":"seen"}"#)
            #expect(response.hasPrefix(#"{"errorType":"Runtime.ExitError","#))
            try await expect(lambda.result(#"{"do":"seen"}"#), is: "[]")
        }
    }

    @Test(
        "at the end every process is killed, after SIGTERM if it registered an extension",
        arguments: ["", "extension", "stubborn"]
    )
    func shutDown(initialization: String) async throws {
        var ids: [Int] = []
        var output = ""
        try await LambdaHarness.run(variables: ["INIT": initialization], whenStopped: { output = $0.output }) {
            lambda in
            async let hanging = lambda.result(#"{"do":"child"}"#)
            #expect(await waitUntil { lambda.output.contains("child ") })
            let id = try #require(Int(try await lambda.result(#"{"do":"pid"}"#)))
            let child = try #require(lambda.output.firstMatch(of: /child (\d+)/).flatMap { Int($0.1) })
            ids = [id, child]
            lambda.stop()
            #expect(try await hanging.contains("Sandbox.Shutdown"))
        }
        for id in ids { #expect(await waitUntil { state(ofProcess: id) == nil }) }
        #expect(output.count(of: "told to end") == (initialization == "extension" ? 2 : 0))
    }
}

extension String {
    /// How often it contains `text`.
    func count(of text: String) -> Int {
        ranges(of: text).count
    }
}
