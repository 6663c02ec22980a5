import FunctionEventLoop
import FunctionRuntime
import Glibc
import Testing

@Suite("A log sink")
struct LogSinkTests {
    @Test("never waits for a reader: it drops lines beyond 256 KiB, and logs their count once there is room again")
    func dropsAndCounts() throws {
        let pipe = try Pipe()
        let sink = LogSink(descriptor: pipe.writeEnd)
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 999) + [UInt8(ascii: "\n")]
        for _ in 0..<1000 { sink.write(line) }
        // The reader is back, and reads what the pipe and the backlog held.
        var text = pipe.readAvailable()
        sink.write(Array("after\n".utf8))
        for _ in 0..<10 {
            text += pipe.readAvailable()
            sink.write([])
        }
        sink.write(Array("last\n".utf8))
        text += pipe.readAvailable()
        let lines = text.split(separator: "\n")
        let kept = lines.count { $0.first == "x" }
        #expect(kept > 256 && kept < 1000)
        let drops = lines.filter { $0.contains("log lines dropped") }
        #expect(drops.count == 1)
        let count = try #require(drops.first?.split(separator: ":").last.flatMap { Int($0.dropLast()) })
        #expect(kept + count + (lines.contains("after") ? 0 : -1) == 1000)
        #expect(lines.last == "last")
    }

    @Test("gets the last line of a log that was released")
    func lastLine() async throws {
        let pipe = try Pipe()
        let sink = LogSink(descriptor: pipe.writeEnd)
        let loop = try EventLoop()
        loop.runOnNewThread()
        await loop.start { Log(on: loop, level: .info, sink: sink).write(.info, "last") }.value
        // This task runs in a later turn, after the end of the log's turn.
        await loop.start { await loop.sleep(until: .now) }.value
        loop.stop()
        #expect(pipe.readAvailable().contains("last"))
    }
}

private final class Pipe {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        (readEnd, writeEnd) = (ends[0], ends[1])
        _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func readAvailable() -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(readEnd, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}
