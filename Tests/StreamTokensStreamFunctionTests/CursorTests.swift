import FunctionCore
import StreamTokens
import Support
import Testing

@testable import StreamTokensStreamFunction

@Suite("A cursor")
struct CursorTests {
    private static let secret = "AZaz09-_AZaz09-_AZaz09"

    @Test(
        "is read behind the last semicolon of an id",
        arguments: ["", "7", "a;b", ";", "x;1.AAAAAAAAAAAAAAAAAAAAAA", String(repeating: "y", count: 256)]
    )
    func read(front: String) throws {
        for number in [0, 1, 42, 999_999_999_999_999] {
            var bytes: [UInt8] = []
            let secret = try #require(RunSecret(Self.secret.utf8))
            Cursor.append(number, of: secret, behind: front, to: &bytes)
            let line = String(decoding: bytes, as: UTF8.self)
            #expect(line == "id: \(front);\(number).\(Self.secret)\n")
            let id = String(line.dropFirst(4).dropLast())
            #expect(Cursor(id) == Cursor(number: number, secret: secret))
            #expect(Attempt(of: secret) != Attempt(of: try #require(RunSecret(Self.secret.utf8.reversed()))))
        }
    }

    @Test(
        "is none in any other text",
        arguments: [
            "", ";", ".", ";.", "1.\(secret)", ";1\(secret)", ";.\(secret)", ";-1.\(secret)", ";+1.\(secret)",
            "; 1.\(secret)", ";1 .\(secret)", ";1.\(secret) ", ";1.\(secret)A", ";1.\(secret.dropLast())",
            ";1.;\(secret)",
            ";1.\(secret.dropLast())=", ";1.\(secret.dropLast())é", ";1234567890123456.\(secret)", ";1.\(secret);",
            ";1.\(secret);end", ";１.\(secret)",
        ]
    )
    func none(id: String) {
        #expect(Cursor(id) == nil)
    }
}

@Suite("The measure of a log")
struct LogMeasureTests {
    @Test("keeps within its limit, drops nothing that was not given, and keeps the last quarter of what was")
    func random() {
        for seed in UInt64(1)...100 {
            var random = SeededGenerator(seed: seed)
            let limit = [1 << 14, 1 << 16, 1 << 20].randomElement(using: &random) ?? 0
            var measure = LogMeasure(limit: limit)
            var events: [Int: Int] = [:]
            var (last, given, dropped) = (0, 0, 0)
            func bytes(_ range: Range<Int>) -> Int { range.reduce(0) { $0 + (events[$1] ?? 0) } }
            for _ in 0..<2000 {
                if let number = measure.makeRoom(given: given) {
                    #expect(number > dropped && number <= given)
                    dropped = number
                    #expect(bytes(dropped + 1..<given + 1) >= limit / 4)
                }
                if measure.hasRoom {
                    // A batch, and an event of any size that is allowed.
                    var batch = 0
                    repeat {
                        last += 1
                        let size = Int.random(in: 1...limit / (batch == 0 ? 4 : 400), using: &random)
                        events[last] = size
                        measure.append(last, size)
                        batch += size
                    } while batch < measure.batch
                }
                #expect(measure.byteCount == bytes(dropped + 1..<last + 1))
                #expect(measure.byteCount <= limit)
                if Bool.random(using: &random) { given = .random(in: given...last, using: &random) }
                // Whoever has taken everything always makes room.
                guard given == last, !measure.hasRoom else { continue }
                let number = measure.makeRoom(given: given)
                #expect(number != nil)
                dropped = number ?? dropped
            }
        }
    }
}
