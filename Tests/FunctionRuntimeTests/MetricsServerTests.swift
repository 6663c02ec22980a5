import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import Glibc
import Support
import Testing

@testable import FunctionRuntime

/// Serves `handler` and its metrics on free ports while `body` runs, then drains.
private func serving(
    loops: Int = 2,
    sink: LogSink = LogSink(descriptor: -1),
    handler: @escaping Handler = { _ in Response(.ok, body: .text("hello")) },
    _ body: (_ server: FunctionServer, _ port: UInt16, _ metricsPort: UInt16) async throws -> Void
) async throws {
    var options = RuntimeOptions()
    options.host = "127.0.0.1"
    options.port = 0
    options.metricsPort = 0
    options.loops = loops
    options.grace = .seconds(1)
    let server = try FunctionServer(options, sink: sink) { _ in FunctionInstance(handler: handler) }
    try server.start()
    let outcome: Result<Void, any Error>
    do {
        try await body(server, try #require(server.address.port), try #require(server.metricsAddress?.port))
        outcome = .success(())
    } catch {
        outcome = .failure(error)
    }
    await server.drain()
    server.stop()
    try outcome.get()
}

private func ask(_ port: UInt16, _ path: String, method: String = "GET") async throws -> String {
    let client = try RawClient(port: port)
    try await client.send("\(method) \(path) HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
    return try await client.receiveAll()
}

/// The number in a sample's line; nil if there is no such line.
private func value(_ sample: String, in text: String) -> Double? {
    text.split(whereSeparator: \.isNewline).first { $0.hasPrefix(sample + " ") }
        .flatMap { Double($0.dropFirst(sample.count + 1)) }
}

@Suite("The metrics' server")
struct MetricsServerTests {
    @Test("serves only /metrics, in Prometheus' format")
    func servesMetrics() async throws {
        try await serving { _, port, metricsPort in
            let response = try await ask(metricsPort, "/metrics")
            #expect(response.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(response.contains("\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\n"))
            #expect(response.contains("\r\n# HELP process_cpu_seconds_total "))
            #expect(response.contains("\n# TYPE stream_token_request_duration_seconds histogram\n"))
            #expect(response.contains("\nstream_token_build_info{version=\"\(Runtime.version)\"} 1\n"))
            #expect(value("stream_token_loops", in: response) == 2)
            #expect(value("stream_token_loops_late", in: response) == 0)
            #expect(try await ask(metricsPort, "/metrics?a=b").hasPrefix("HTTP/1.1 200 "))
            #expect(try await ask(metricsPort, "/metrics", method: "HEAD").hasSuffix("\r\n\r\n"))
            #expect(try await ask(metricsPort, "/metrics", method: "POST").hasPrefix("HTTP/1.1 405 "))
            for path in ["/", "/metrics/", "/Metrics", "/health/liveness"] {
                #expect(try await ask(metricsPort, path).hasPrefix("HTTP/1.1 404 "))
            }
            #expect(try await ask(port, "/metrics").hasSuffix("hello"))
        }
    }

    @Test("adds up the counts of all loops, also under load")
    func sums() async throws {
        let (clients, requests) = (8, 50)
        try await serving(handler: { request in
            Response(request.path == "/bad" ? .internalServerError : .ok)
        }) { _, port, metricsPort in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<clients {
                    group.addTask {
                        let client = try RawClient(port: port)
                        let path = index == 0 ? "/bad" : "/"
                        for _ in 0..<requests {
                            try await client.send("GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
                            _ = try await client.receive(through: "\r\n\r\n")
                        }
                    }
                }
                for _ in 0..<20 { _ = try await ask(metricsPort, "/metrics") }
                try await group.waitForAll()
            }
            _ = try await ask(port, "/health/liveness")
            let isSummed = try await waitUntil {
                let text = try await ask(metricsPort, "/metrics")
                return value("stream_token_requests_total{status=\"200\"}", in: text)
                    == Double((clients - 1) * requests)
                    && value("stream_token_requests_total{status=\"500\"}", in: text) == Double(requests)
                    && value("stream_token_request_duration_seconds_count", in: text) == Double(clients * requests)
                    && value("stream_token_request_duration_seconds_bucket{le=\"+Inf\"}", in: text)
                        == Double(clients * requests)
            }
            #expect(isSummed)
        }
    }

    @Test("counts a stream as a request, but does not measure its duration")
    func streams() async throws {
        try await serving(handler: { _ in
            Response(.ok, body: .stream { try await $0.write(Array("a".utf8)) })
        }) { _, port, metricsPort in
            _ = try await ask(port, "/")
            let isCounted = try await waitUntil {
                let text = try await ask(metricsPort, "/metrics")
                return value("stream_token_requests_total{status=\"200\"}", in: text) == 1
                    && value("stream_token_request_duration_seconds_count", in: text) == 0
            }
            #expect(isCounted)
        }
    }

    @Test("responds in time even if a loop is late, and counts that loop's previous reading")
    func lateLoop() async throws {
        let requests = 64
        let isOver = Lock(false)
        try await serving { server, port, metricsPort in
            defer { isOver.withLock { $0 = true } }
            // Enough connections that both loops get some.
            for _ in 0..<requests { _ = try await ask(port, "/") }
            let isCounted = try await waitUntil {
                let text = try await ask(metricsPort, "/metrics")
                return value("stream_token_requests_total{status=\"200\"}", in: text) == Double(requests)
            }
            #expect(isCounted)
            server.services[1].loop.start { while !isOver.withLock({ $0 }) { usleep(1000) } }
            for _ in 0..<2 {
                let text = try await ask(metricsPort, "/metrics")
                #expect(value("stream_token_loops_late", in: text) == 1)
                #expect(value("stream_token_requests_total{status=\"200\"}", in: text) == Double(requests))
            }
            isOver.withLock { $0 = true }
            let isBack = try await waitUntil {
                let text = try await ask(metricsPort, "/metrics")
                // The metrics show the lag of the blocked loop.
                return value("stream_token_loops_late", in: text) == 0
                    && (value("stream_token_loop_lag_seconds_count", in: text) ?? 0)
                        > (value("stream_token_loop_lag_seconds_bucket{le=\"0.5\"}", in: text) ?? .infinity)
            }
            #expect(isBack)
        }
    }

    @Test("includes the number of dropped log lines, and the usual metrics of a process")
    func process() async throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let sink = LogSink(descriptor: ends[1])
        try await serving(loops: 1, sink: sink) { _, _, metricsPort in
            let line = Array(repeating: UInt8(ascii: "x"), count: 99) + [UInt8(ascii: "\n")]
            // More than the 320 KiB that the pipe and the sink hold.
            for _ in 0..<4000 { sink.write(line) }
            let text = try await ask(metricsPort, "/metrics")
            let dropped = try #require(value("stream_token_log_lines_dropped_total", in: text))
            #expect(dropped > 0 && dropped < 4000)
            let now = Double(time(nil))
            #expect((now - 86_400...now + 1).contains(value("process_start_time_seconds", in: text) ?? 0))
            #expect((1...10_000).contains(value("process_open_fds", in: text) ?? 0))
            #expect(value("process_max_fds", in: text) ?? 0 > value("process_open_fds", in: text) ?? .infinity)
            #expect(value("process_resident_memory_bytes", in: text) ?? 0 > 1e6)
            #expect(value("process_cpu_seconds_total", in: text) ?? 0 > 0)
        }
    }

    @Test("if its port is in use, the error names the setting")
    func portInUse() async throws {
        try await serving { _, port, _ in
            var options = RuntimeOptions()
            options.host = "127.0.0.1"
            options.port = 0
            options.metricsPort = Int(port)
            #expect {
                try FunctionServer(options) { _ in FunctionInstance { _ in Response(.ok) } }
            } throws: {
                "\($0)".hasPrefix("METRICS_PORT: 127.0.0.1, port \(port): port in use")
            }
        }
    }

    @Test("does not exist without METRICS_PORT")
    func absent() async throws {
        var options = RuntimeOptions()
        options.host = "127.0.0.1"
        options.port = 0
        options.loops = 1
        let isCounted = Lock(true)
        let server = try FunctionServer(options) { context in
            isCounted.withLock { $0 = context.metrics != nil }
            return FunctionInstance { _ in Response(.ok) }
        }
        #expect(server.metricsAddress == nil)
        #expect(!isCounted.withLock { $0 })
        try server.start()
        await server.drain()
        server.stop()
    }

    @Test(
        "is refused where nothing could reach it, and on the function's own port",
        arguments: [
            (["AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"], "must not be set under the contract lambda"),
            (["FN_LISTENER": "unix:/tmp/fn/lsnr.sock"], "must not be set under the contract fn"),
            (["PORT": "9100"], "must differ from PORT"),
        ]
    )
    func refused(environment: [String: String], problem: String) {
        var settings = Settings(environment: environment.merging(["METRICS_PORT": "9100"]) { $1 })
        _ = RuntimeOptions(&settings)
        #expect(settings.problems.count == 1)
        #expect(settings.problems.first?.hasPrefix("METRICS_PORT \(problem)") == true)
    }
}
