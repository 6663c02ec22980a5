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
}
