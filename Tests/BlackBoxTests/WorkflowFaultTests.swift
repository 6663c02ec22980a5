import FunctionEventLoop
import FunctionRedis
import Glibc
import Support
import Testing

extension StreamBlackBox {
    @Suite("workflow faults") struct WorkflowFaultTests {
        private typealias Step = ScriptedServer.Step

        private static let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
        private static let settings = ["WORKFLOW_FIRST_BYTE_SECONDS": "1", "WORKFLOW_SILENCE_SECONDS": "1"]
        /// One second's work, and as long as a busy machine may need: what is not cancelled never ends.
        private static let second = Interval.seconds(11)

        private static func service(
            _ redis: RedisServer,
            _ workflow: UInt16,
            credits: Int? = 1
        ) async throws -> StreamService {
            try await StreamService(
                redis,
                credits: credits,
                settings.merging(["WORKFLOW_URL": "http://127.0.0.1:\(workflow)"]) { $1 }
            )
        }

        /// A response without content.
        private static func response(_ status: String, _ fields: String = "") -> Step {
            .text("HTTP/1.1 \(status)\r\ncontent-length: 0\r\nconnection: close\r\n\(fields)\r\n")
        }

        private struct Case: Sendable {
            let name: String
            let steps: [Step]
            let status: Int
            let code: String
            var retryAfter: String?
        }

        /// Faults before the first byte.
        private static let early = [
            Case(name: "closes unread", steps: [], status: 502, code: "workflow_unavailable"),
            Case(name: "closes", steps: [.request], status: 502, code: "workflow_unavailable"),
            Case(name: "resets", steps: [.request, .reset], status: 502, code: "workflow_unavailable"),
            Case(name: "says nothing", steps: [.request, .untilClosed(Gate())], status: 504, code: "workflow_timeout"),
            Case(
                name: "has a head and no content",
                steps: [.request, .text(chunked), .untilClosed(Gate())],
                status: 504,
                code: "workflow_timeout"
            ),
            Case(
                name: "closes behind the head",
                steps: [.request, .text(chunked)],
                status: 502,
                code: "workflow_unavailable"
            ),
            Case(
                name: "is no HTTP",
                steps: [.request, .text("220 mail.example ESMTP\r\n")],
                status: 502,
                code: "workflow_unavailable"
            ),
            Case(
                name: "has a head without an end",
                steps: [.request, .text("HTTP/1.1 200 OK\r\nx: "), .send([UInt8](repeating: 97, count: 10 << 20))],
                status: 502,
                code: "workflow_unavailable"
            ),
            Case(
                name: "has no chunk's size",
                steps: [.request, .text(chunked + "x\r\n")],
                status: 502,
                code: "workflow_unavailable"
            ),
            Case(name: "500", steps: [.request, response("500 E")], status: 502, code: "workflow_unavailable"),
            Case(
                name: "redirects",
                steps: [.request, response("302 F", "location: http://127.0.0.1:1/\r\n")],
                status: 502,
                code: "workflow_unavailable"
            ),
            Case(name: "404", steps: [.request, response("404 N")], status: 404, code: "workflow_not_found"),
            Case(name: "400", steps: [.request, response("400 B")], status: 422, code: "workflow_rejected"),
            Case(name: "422", steps: [.request, response("422 U")], status: 422, code: "workflow_rejected"),
            Case(
                name: "429",
                steps: [.request, response("429 T", "retry-after: 7\r\n")],
                status: 503,
                code: "workflow_busy",
                retryAfter: "7"
            ),
            Case(
                name: "503",
                steps: [.request, response("503 S")],
                status: 503,
                code: "workflow_busy",
                retryAfter: "1"
            ),
        ]

        @Test("before the first byte, the response says why, no token is used, and nothing is left")
        func beforeFirstByte() async throws {
            let good = [Step.request, .text("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")]
            let scripts = Self.early.map(\.steps) + [good]
            try await ScriptedServer.run({ $0 <= scripts.count ? scripts[$0 - 1] : [] }) { workflow in
                let service = try await Self.service(try RedisServer(), workflow.port)
                let descriptors = try service.process.descriptorCount
                let token = try await service.organization.mint()
                for fault in Self.early {
                    let response = try await service.open(token)
                    #expect(response.status == fault.status && response.code == fault.code, "\(fault.name)")
                    #expect(response.field("retry-after") == fault.retryAfter, "\(fault.name)")
                    #expect(try await service.organization.isLive(token), "\(fault.name)")
                    try await expect(service.organization.balance, is: Balance(credits: 1), "\(fault.name)")
                }
                #expect(workflow.connectionCount == Self.early.count)
                try await eventually("its connections are closed") {
                    try service.process.descriptorCount <= descriptors
                }
                try await expect(service.open(token).body, is: "ok")
                try await expect(service.end(), is: 0)
            }
        }

        @Test("a workflow that does not listen is reported, and no token is used")
        func refused() async throws {
            let service = try await Self.service(try RedisServer(), try FreePort.find())
            let token = try await service.organization.mint()
            let response = try await service.open(token)
            #expect(response.status == 502 && response.code == "workflow_unavailable")
            #expect(try await service.organization.isLive(token))
            try await expect(service.organization.balance, is: Balance(credits: 1))
            try await expect(service.end(), is: 0)
        }

        /// Faults after `3\r\nabc\r\n`, and the code in the error event.
        private static let late: [(name: String, steps: [Step], code: String)] = [
            ("closes", [], "workflow_unavailable"),
            ("resets", [.wait(milliseconds: 200), .reset], "workflow_unavailable"),
            ("is silent", [.untilClosed(Gate())], "workflow_timeout"),
            ("breaks its chunks", [.text("x\r\n")], "workflow_unavailable"),
            ("closes within a chunk", [.text("5\r\nab")], "workflow_unavailable"),
        ]

        @Test("after the first byte, an event says why, plain text breaks off, and the token is used")
        func afterFirstByte() async throws {
            let scripts = Self.late.flatMap { fault in
                [[Step]](repeating: [.request, .text(Self.chunked + "3\r\nabc\r\n")] + fault.steps, count: 2)
            }
            try await ScriptedServer.run({ $0 <= scripts.count ? scripts[$0 - 1] : [] }) { workflow in
                let service = try await Self.service(try RedisServer(), workflow.port, credits: scripts.count)
                let descriptors = try service.process.descriptorCount
                for fault in Self.late {
                    let (first, second) = (try await service.organization.mint(), try await service.organization.mint())
                    let events = try await service.open(first, .echo("").events)
                    #expect(events.status == 200 && events.isWhole, "\(fault.name)")
                    #expect(events.body.hasPrefix("retry: 1000\n\nid: 1\ndata: abc"), "\(fault.name)")
                    #expect(events.code == fault.code, "\(fault.name)")
                    let plain = try await service.open(second)
                    #expect(plain.status == 200 && !plain.isWhole && plain.body.hasPrefix("abc"), "\(fault.name)")
                    for token in [first, second] { #expect(try await service.organization.isUsed(token)) }
                }
                try await expect(service.organization.balance, is: Balance(credits: 0))
                try await eventually("its connections are closed") {
                    try service.process.descriptorCount <= descriptors
                }
                try await expect(service.end(), is: 0)
            }
        }

        @Test("an event of more than WORKFLOW_EVENT_BYTES ends the stream with an error after all earlier events")
        func largeEvent() async throws {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
            let large = String(repeating: "x", count: 2048)
            let script: [Step] = [.request, .text(head + "data: a\n\ndata: \(large)\n\n")]
            try await ScriptedServer.run({ _ in script }) { workflow in
                let service = try await StreamService(
                    try RedisServer(),
                    ["WORKFLOW_URL": "http://127.0.0.1:\(workflow.port)", "WORKFLOW_EVENT_BYTES": "2048"]
                )
                let response = try await service.open(try await service.organization.mint(), .echo("").events)
                #expect(response.status == 200 && response.isWhole)
                #expect(response.body.hasPrefix("retry: 1000\n\ndata: a\n\nevent: error\n"))
                #expect(response.code == "workflow_event_too_large")
                try await eventually("the log names the setting") {
                    service.process.output.contains("more than 2048 bytes (WORKFLOW_EVENT_BYTES)")
                }
                try await expect(service.end(), is: 0)
            }
        }

        @Test("if the client leaves before the first byte, its token is released at once and the workflow is cancelled")
        func clientGoneBefore() async throws {
            let (arrived, closed) = (Gate(), Gate())
            try await ScriptedServer.run({ _ in [.request, .open(arrived), .untilClosed(closed)] }) { workflow in
                let service = try await StreamService(
                    try RedisServer(),
                    credits: 1,
                    ["WORKFLOW_URL": "http://127.0.0.1:\(workflow.port)"]
                )
                let token = try await service.organization.mint()
                let client = StreamClient(port: service.port)
                try await client.send(StreamRequest.echo("").text(token))
                #expect(await arrived.opened())
                try await expect(service.organization.balance, is: Balance(credits: 1, held: 1))
                let start = Instant.now
                await client.close()
                #expect(await closed.opened())
                try await eventually("the token is live again") { try await service.organization.isLive(token) }
                #expect(Instant.now - start < Self.second)
                try await expect(service.organization.balance, is: Balance(credits: 1))
                try await expect(service.end(), is: 0)
            }
        }

        @Test("if the client leaves after the first byte, it is charged and the workflow is cancelled")
        func clientGoneAfter() async throws {
            let closed = Gate()
            let steps: [Step] = [.request, .text(Self.chunked + "2\r\n1\n\r\n"), .untilClosed(closed)]
            try await ScriptedServer.run({ _ in steps }) { workflow in
                let service = try await StreamService(
                    try RedisServer(),
                    credits: 1,
                    ["WORKFLOW_URL": "http://127.0.0.1:\(workflow.port)"]
                )
                let token = try await service.organization.mint()
                let client = try await service.begin(token, .echo(""))
                let start = Instant.now
                await client.close()
                #expect(await closed.opened())
                try await eventually("the stream is no longer counted") {
                    try await service.organization.balance == Balance(credits: 0)
                }
                #expect(Instant.now - start < Self.second)
                #expect(try await service.organization.isUsed(token))
                try await expect(service.end(), is: 0)
            }
        }
    }
}
