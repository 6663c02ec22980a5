import FunctionEventLoop
import FunctionPlatforms
import LocalRuntimeConsole
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeLambda
@testable import LocalRuntimeReplay

@Suite("Values of the Lambda emulator")
struct LambdaValueTests {
    @Test("a report rounds the billed duration up, init included")
    func report() {
        var report = Report(
            id: "a",
            duration: Interval(nanoseconds: 1_234_567),
            initDuration: nil,
            memorySize: 128,
            peakMemory: (7 << 20) + 1,
            error: nil
        )
        #expect(
            report.line
                == "REPORT RequestId: a\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 8 MB"
        )
        report = Report(
            id: "a",
            duration: .milliseconds(3000),
            initDuration: Interval(nanoseconds: 4_060_000),
            memorySize: 128,
            peakMemory: 0,
            error: .timedOut("a", after: .seconds(3))
        )
        #expect(
            report.line
                == "REPORT RequestId: a\tDuration: 3000.00 ms\tBilled Duration: 3005 ms\tMemory Size: 128 MB"
                + "\tMax Memory Used: 0 MB\tInit Duration: 4.06 ms\tStatus: timeout"
        )
    }

    @Test(
        "an error's type is passed on if it has Lambda's form",
        arguments: [
            ("Function.Odd", "Function.Odd"), ("Runtime.NoSuchHandler", "Runtime.NoSuchHandler"),
            ("Function.odd", "Function.Unknown"), ("odd", "Runtime.Unknown"), (nil, "Runtime.Unknown"),
        ] as [(String?, String)]
    )
    func errorType(told: String?, known: String) {
        #expect(FunctionError.told(type: told, body: []).type == known)
    }

    @Test(
        "the end of a process is described in Lambda's words",
        arguments: [
            (0, "Runtime exited without providing a reason"), (0x0100, "Runtime exited with error: exit status 1"),
            (9, "Runtime exited with error: signal: killed"),
            (0x8B, "Runtime exited with error: signal: segmentation fault (core dumped)"),
        ] as [(Int32, String)]
    )
    func exits(status: Int32, text: String) {
        #expect(ChildExit(status: status).text == text)
    }

    @Test("a binary for another machine, or no binary at all, is reported before it runs")
    func machines() {
        func elf(_ machine: UInt8) -> [UInt8] {
            [0x7F] + Array("ELF".utf8) + [2, 1, 1] + Array(repeating: 0, count: 9) + [2, 0, machine, 0]
        }
        let problems = [62, 183].map { Bootstrap.problem(of: elf($0)) }
        #expect(problems.count { $0 == nil } == 1)
        #expect(problems.compactMap(\.self)[0].hasPrefix("is built for "))
        #expect(Bootstrap.problem(of: Array("#!/bin/sh\n".utf8)) == nil)
        #expect(Bootstrap.problem(of: [])?.hasPrefix("is neither") == true)
        #expect(Bootstrap.problem(of: Array(elf(62)[..<18]))?.hasPrefix("is neither") == true)
    }

    @Test("a prelude ends with eight NUL bytes, however it is split")
    func prelude() {
        let bytes = Array("{}".utf8) + Array(repeating: 0, count: 8) + [0, 1]
        for split in 0...bytes.count {
            var prelude = StreamPrelude()
            var content: [UInt8] = []
            var isWhole = false
            for piece in [bytes[..<split], bytes[split...]] {
                if isWhole {
                    content += piece
                } else if let rest = prelude.take(Array(piece)) {
                    isWhole = true
                    content += rest
                }
            }
            #expect(prelude.bytes == Array("{}".utf8))
            #expect(content == [0, 1])
        }
    }

    @Test("the emulator keeps its own credentials and Lambda's variables from the function")
    func variables() {
        #expect(
            ["AWS_PROFILE", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "_HANDLER"].allSatisfy(
                LambdaSettings.isWithheld
            )
        )
        #expect(!["REDIS_URL", "PATH", "AWSOME"].contains(where: LambdaSettings.isWithheld))
        #expect(!LambdaSettings.isReserved("AWS_ACCESS_KEY_ID"))
    }

    @Test(
        "a wrong command line is refused",
        arguments: [
            [], ["a", "b"], ["a", "--port", "x"], ["a", "--timeout", "0"], ["a", "--v1", "--alb"], ["a", "--env", "X"],
            ["a", "--env", "AWS_LAMBDA_RUNTIME_API=x"], ["a", "--name", "a/b"], ["a", "--memory", "64"],
        ]
    )
    func wrongCommandLine(words: [String]) async throws {
        try await expect(CapturedConsole().run(["lambda"] + words), is: .commandLine)
    }

    @Test("a bootstrap that does not exist or cannot run is reported before anything listens")
    func noBootstrap() async throws {
        for path in ["/nowhere/bootstrap", "/", "/etc/passwd"] {
            let captured = CapturedConsole()
            try await expect(captured.run(["lambda", path, "--port", "0"]), is: .couldNotRun)
            #expect(captured.messages.hasPrefix("local-runtime: \(path)"))
            #expect(captured.output == "")
        }
    }
}
