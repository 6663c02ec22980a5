import Testing

@testable import FunctionRedis

@Suite struct FIFOTests {
    @Test("elements come out in order, however appending and taking alternate")
    func order() {
        var queue = FIFO<Int>()
        var appended = 0
        var taken = 0
        for round in 0..<3000 {
            for _ in 0..<(round % 7) {
                queue.append(appended)
                appended += 1
            }
            for _ in 0..<(round % 5) where !queue.isEmpty {
                #expect(queue.popFirst() == taken)
                taken += 1
            }
            #expect(queue.isEmpty == (appended == taken))
        }
        #expect(Array(queue.remaining) == Array(taken..<appended))
        #expect(queue.drain { $0 % 2 == 0 }.allSatisfy { $0 % 2 == 0 })
        #expect(queue.remaining.allSatisfy { $0 % 2 == 1 })
        #expect(!queue.drain().isEmpty)
        #expect(queue.popFirst() == nil)
    }

    @Test("the matching ones among the next few are taken, and the others keep their order")
    func taking() {
        for (count, taken, kept) in [
            (0, [], [1, 2, 3, 4, 5]), (3, [2], [1, 3, 4, 5]), (4, [2, 4], [1, 3, 5]), (9, [2, 4], [1, 3, 5]),
        ] {
            var queue = FIFO<Int>()
            for number in 0...5 { queue.append(number) }
            #expect(queue.popFirst() == 0)
            #expect(queue.take(among: count) { $0.isMultiple(of: 2) } == taken)
            #expect(Array(queue.remaining) == kept)
            #expect(queue.first == kept.first && queue.count == kept.count)
            queue.append(6)
            #expect(queue.take(among: 9) { _ in true } == kept + [6])
            #expect(queue.isEmpty && queue.first == nil)
        }
    }
}
