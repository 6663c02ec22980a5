import FunctionCore
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeRecording
@testable import LocalRuntimeReplay

@Suite("The log of exchanges")
struct ExchangeLogTests {
    private let request = Request(path: "/x")

    @Test("an exchange is returned again after each change")
    func changes() throws {
        var log = ExchangeLog()
        let first = log.begin(request, at: 1)
        let second = log.begin(request, at: 2)
        let seen = log.revision
        #expect(log.changed(after: 0).map(\.number) == [first, second])
        #expect(log.changed(after: seen).isEmpty)
        log.responded(Response(.ok, body: .stream { _ in }), to: first)
        log.written([1, 2], of: first)
        let changed = try #require(log.changed(after: seen).first)
        #expect(changed.number == first)
        #expect(changed.state == .streaming)
        #expect(changed.response?.body.bytes == [1, 2])
        #expect(changed.end == nil)
        log.end(first, .complete, at: 9)
        #expect(log.changed(after: seen).map(\.state) == [.complete])
        #expect(log.changed(after: seen).map(\.end) == [9])
        #expect(log.changed(after: log.revision).isEmpty)
    }

    @Test("only the latest exchanges are kept, and changes of older ones are ignored")
    func capacity() {
        var log = ExchangeLog()
        for time in 1...ExchangeLog.capacity + 3 { _ = log.begin(request, at: time) }
        let kept = log.changed(after: 0)
        #expect(kept.map(\.number) == Array(4...ExchangeLog.capacity + 3))
        let revision = log.revision
        log.responded(Response(.ok), to: 3)
        log.written([1], of: 3)
        log.end(3, .complete, at: 99)
        #expect(log.revision == revision)
        log.responded(Response(.ok), to: 4)
        #expect(log.changed(after: revision).map(\.number) == [4])
    }

    @Test("the beginning of a body is kept, and its whole size")
    func bodies() throws {
        var log = ExchangeLog()
        let number = log.begin(request, at: 1)
        log.responded(Response(.ok), to: number)
        for _ in 0..<5 {
            log.read([UInt8](repeating: 1, count: 1000), of: number)
            log.written([UInt8](repeating: 2, count: 2000), of: number)
        }
        let exchange = try #require(log.changed(after: 0).first)
        #expect(exchange.body.bytes.count == RecordedBody.limit)
        #expect(exchange.body.size == 5000)
        #expect(exchange.response?.body.bytes.count == RecordedBody.limit)
        #expect(exchange.response?.body.size == 10_000)
    }
}
