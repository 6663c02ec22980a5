import Foundation
import FunctionCore
import FunctionEventLoop
import Support
import Testing

@testable import FunctionRuntime

/// Runs a function under Lambda's contract against a scripted Runtime API.
final class LambdaHarness: Sendable {
    let runtime: LambdaRuntime
    let api: ScriptedServer
    private let folder: TemporaryFolder
    private let code = Lock<Int32?>(nil)
    /// The exit codes with which the runtime wanted to end the process at once.
    let exits: Lock<[Int32]>
    let traceIDs: Lock<[String?]>

    /// Runs `instance` while `body` runs, then stops it and expects its exit code.
    static func run(
        _ settings: [String: String] = [:],
        _ instance: FunctionInstance,
        expecting code: Int32 = 0,
        _ script: @escaping @Sendable (_ connection: Int) -> [ScriptedServer.Step],
        _ body: (LambdaHarness) async throws -> Void
    ) async throws {
        try await ScriptedServer.run(script) { api in
            let harness = try LambdaHarness(settings, instance, api)
            Thread.detachNewThread {
                let code = harness.runtime.run()
                harness.code.withLock { $0 = code }
            }
            do {
                try await body(harness)
            } catch {
                await harness.stop()
                throw error
            }
            await expect(harness.stop(), is: code)
        }
    }

    private init(_ settings: [String: String], _ instance: FunctionInstance, _ api: ScriptedServer) throws {
        var environment = Settings(
            environment: ["AWS_LAMBDA_RUNTIME_API": "127.0.0.1:\(api.port)", "GRACE_SECONDS": "0"]
                .merging(settings) { $1 }
        )
        let options = RuntimeOptions(&environment)
        #expect(environment.problems == [])
        self.api = api
        let folder = try TemporaryFolder()
        self.folder = folder
        let exits = Lock<[Int32]>([])
        self.exits = exits
        let traceIDs = Lock<[String?]>([])
        self.traceIDs = traceIDs
        // Never closed: the sink may write to it as long as the process runs.
        let descriptor = open(folder.path + "/log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        runtime = try LambdaRuntime(
            #require(options.lambda),
            options,
            sink: LogSink(descriptor: descriptor),
            process: LambdaProcess(
                exit: { code in exits.withLock { $0.append(code) } },
                publish: { id in traceIDs.withLock { $0.append(id) } }
            ),
            makeInstance: { _ in instance }
        )
    }

    /// The function's log.
    var log: String { (try? String(contentsOfFile: folder.path + "/log", encoding: .utf8)) ?? "" }

    /// Waits until the runtime has ended; returns its exit code.
    func exitCode() async -> Int32? {
        _ = await waitUntil { self.code.withLock { $0 != nil } }
        return code.withLock { $0 }
    }

    /// Stops the runtime as SIGTERM does.
    func drain() {
        runtime.loop.start { [runtime] in await runtime.drain() }
    }

    @discardableResult
    private func stop() async -> Int32? {
        drain()
        return await exitCode()
    }

    /// Waits until `count` requests have come whole; returns them.
    func requests(_ count: Int) async -> [String] {
        #expect(await waitUntil { self.api.requests.count >= count })
        let requests = api.requests
        // Padded with empty ones, so that a missing request fails the test and does not crash its process.
        return requests + Array(repeating: "", count: max(0, count - requests.count))
    }
}

extension ScriptedServer.Step {
    /// The response to `next` with an event.
    static func event(
        _ id: String = "id-1",
        _ event: String = LambdaEvent.get,
        in milliseconds: Int = 60_000,
        headers: String = ""
    ) -> Self {
        .text(
            "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: \(id)\r\n"
                + "Lambda-Runtime-Deadline-Ms: \(WallClock.milliseconds + milliseconds)\r\n"
                + "\(headers)Content-Length: \(event.utf8.count)\r\n\r\n\(event)"
        )
    }

    static func respond(_ status: Int) -> Self {
        .text("HTTP/1.1 \(status) -\r\nContent-Length: 15\r\n\r\n{\"status\":\"OK\"}")
    }

    static let accepted = respond(202)
}

enum LambdaEvent {
    static let get = of("GET", "/hello")

    static func of(_ method: String, _ path: String, body: String = "") -> String {
        """
        {"version":"2.0","rawPath":"\(path)","rawQueryString":"","headers":{"host":"x"},"body":"\(body)",\
        "requestContext":{"http":{"method":"\(method)","path":"\(path)","sourceIp":"192.0.2.1"}},\
        "isBase64Encoded":false}
        """
    }

    static let loadBalancer = """
        {"requestContext":{"elb":{"targetGroupArn":"arn"}},"httpMethod":"GET","path":"/hello",\
        "queryStringParameters":{},"headers":{"host":"x"},"body":"","isBase64Encoded":false}
        """
}

extension String {
    /// A request's content.
    var content: Substring {
        firstRange(of: "\r\n\r\n").map { self[$0.upperBound...] } ?? ""
    }

    /// A request's first line.
    var requestLine: Substring { prefix { $0 != "\r\n" } }
}
