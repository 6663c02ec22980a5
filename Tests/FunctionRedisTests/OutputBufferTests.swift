import Testing

@testable import FunctionRedis

@Suite("An output buffer")
struct OutputBufferTests {
    @Test("holds little more than the unwritten bytes, even if the server never takes all of them")
    func compacts() {
        var buffer = OutputBuffer()
        var expected: [UInt8] = []
        for round in 0..<10_000 {
            let bytes = (0..<100).map { UInt8(truncatingIfNeeded: round &+ $0) }
            buffer.append { $0 += bytes }
            expected += bytes
            if round > 0 {
                buffer.consume(100)
                expected.removeFirst(100)
            }
        }
        #expect(buffer.pendingCount == 100)
        #expect(buffer.appendedTotal == 1_000_000)
        #expect(buffer.writtenTotal == 999_900)
        #expect(buffer.withPending { pending in pending.indices.map { pending[$0] } } == expected)
        #expect(buffer.heldCount < 256 << 10)
    }

    @Test("counts positions across all sizes of writes", arguments: [1, 1000, 100_000])
    func counts(step: Int) {
        var buffer = OutputBuffer()
        var expected: [UInt8] = []
        var written = 0
        for round in 0..<40 {
            let piece = [UInt8](repeating: UInt8(round), count: step * 3)
            buffer.append { $0 += piece }
            expected += piece
            buffer.consume(step)
            written += step
            #expect(buffer.writtenTotal == written)
            #expect(buffer.appendedTotal == expected.count)
            #expect(buffer.pendingCount == expected.count - written)
        }
        #expect(buffer.withPending { pending in pending.indices.map { pending[$0] } } == Array(expected[written...]))
        buffer.consume(buffer.pendingCount)
        #expect(buffer.pendingCount == 0)
        #expect(buffer.writtenTotal == expected.count)
    }
}
