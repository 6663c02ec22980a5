import Foundation
import FunctionEventLoop
import Glibc
import Support
import Testing

extension StreamBlackBox {
    /// The stream is a gibibyte with LONG=1.
    @Suite("memory stays small") struct StreamMemoryTests {
        private static let isLong = LongRun.isOn
        private static let mebibytes = isLong ? 1024 : 64
        private static let mebibyte = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)
        /// Whether a sanitizer runs, which itself takes many times the limit.
        static let isSanitized = BlackBox.ResourceTests.isThreadSanitized || dlsym(nil, "__asan_init") != nil

        @Test("while a client that pauses reads a stream of many megabytes", arguments: [false, true])
        func slowReader(wantsEvents: Bool) async throws {
            // Encoding events takes longer.
            let mebibytes = wantsEvents ? Self.mebibytes / 4 : Self.mebibytes
            let length = mebibytes << 20
            let head = "HTTP/1.1 200 OK\r\ncontent-length: \(length)\r\nconnection: close\r\n\r\n"
            let steps =
                [.request, .text(head)]
                + [ScriptedServer.Step](
                    repeating: .send(Self.mebibyte),
                    count: mebibytes
                )
            try await ScriptedServer.run({ _ in steps }) { workflow in
                let service = try await StreamService(
                    try RedisServer(),
                    ["WORKFLOW_URL": "http://127.0.0.1:\(workflow.port)", "HEARTBEAT_SECONDS": "1"]
                )
                let loop = try EventLoop()
                loop.runOnNewThread()
                defer { loop.stop() }
                let client = StreamClient(port: service.port, on: loop)
                var request = StreamRequest.echo("")
                request.wantsEvents = wantsEvents
                request.fields = "connection: close\r\n"
                try await client.send(request.text(try await service.organization.mint()))
                var taken = 0
                for _ in 0..<3 {
                    try await eventually("the workflow is slowed down") { workflow.isBlocked }
                    try await service.isBlocked()
                    taken += try await client.skip(length / 8, within: .seconds(120))
                }
                // Bytes in flight are in the kernel's buffers.
                #expect(workflow.bytesSent < taken + 32 << 20)
                taken += try await client.skip(.max, within: .seconds(600))
                #expect(taken > length)
                #expect(await client.tail.hasSuffix("0\r\n\r\n"))
                if !Self.isSanitized { try expect(service.process.peakMemory, in: ..<(64 << 20)) }
                await client.close()
                try await expect(service.end(), is: 0)
            }
        }

        @Test("for a chunk of ten megabytes")
        func largeChunk() async throws {
            let size = 10 << 20
            let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\(String(size, radix: 16))\r\n"
            let chunk = [UInt8](repeating: UInt8(ascii: "b"), count: size)
            let steps: [ScriptedServer.Step] = [.request, .text(head), .send(chunk), .text("\r\n0\r\n\r\n")]
            try await ScriptedServer.run({ _ in steps }) { workflow in
                let service = try await StreamService(
                    try RedisServer(),
                    ["WORKFLOW_URL": "http://127.0.0.1:\(workflow.port)"]
                )
                let loop = try EventLoop()
                loop.runOnNewThread()
                defer { loop.stop() }
                let client = StreamClient(port: service.port, on: loop)
                var request = StreamRequest.echo("")
                request.version = "1.0"
                try await client.send(request.text(try await service.organization.mint()))
                let taken = try await client.skip(.max, within: .seconds(60))
                #expect(taken > size && taken < size + 1000)
                if !Self.isSanitized { try expect(service.process.peakMemory, in: ..<(64 << 20)) }
                await client.close()
                try await expect(service.end(), is: 0)
            }
        }
    }
}
