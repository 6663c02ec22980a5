import Support
import Testing

@testable import FunctionEventLoop

@Suite("A race of connection attempts") struct ConnectionRaceTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    @Test("the next attempt begins 250 ms after the one before")
    func spacing() {
        var race = ConnectionRace(count: 3)
        #expect(race.begin(now: start) == 0)
        #expect(race.begin(now: start) == nil)
        #expect(race.beginsNext == start + .milliseconds(250))
        #expect(race.begin(now: start + .milliseconds(249)) == nil)
        #expect(race.begin(now: start + .milliseconds(250)) == 1)
        #expect(race.begin(now: start + .milliseconds(500)) == 2)
        #expect(race.beginsNext == nil)
        #expect(!race.isLost)
    }

    @Test("if an attempt fails, the next begins at once")
    func failure() {
        var race = ConnectionRace(count: 2)
        _ = race.begin(now: start)
        race.failed(0, now: start + .milliseconds(3))
        #expect(race.begin(now: start + .milliseconds(3)) == 1)
        race.failed(1, now: start + .milliseconds(4))
        #expect(race.isLost)
    }

    @Test("the first connection wins, and the other attempts are closed")
    func winner() {
        var race = ConnectionRace(count: 3)
        _ = race.begin(now: start)
        _ = race.begin(now: start + .milliseconds(250))
        let (isFirst, losers) = race.connected(1)
        #expect(isFirst && losers == [0])
        #expect(!race.connected(0).isFirst)
        #expect(race.begin(now: start + .seconds(9)) == nil)
        #expect(race.beginsNext == nil)
    }

    @Test("a race without addresses is lost at once")
    func none() {
        #expect(ConnectionRace(count: 0).isLost)
    }

    /// The outcome of an attempt, and the milliseconds until then.
    private enum Fate {
        case connects(Int)
        case fails(Int)
    }

    @Test("random races follow the rules and end", arguments: RandomSequence.seeds)
    func model(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let fates = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                let time = Int.random(in: 0...900, using: &random)
                return Bool.random(using: &random) ? Fate.connects(time) : .fails(time)
            }
            try check(fates)
        }
    }

    /// Simulates a race millisecond by millisecond.
    private func check(_ fates: [Fate]) throws {
        var race = ConnectionRace(count: fates.count)
        var begins: [Int] = []
        var ended: Set<Int> = []
        var winner: Int?
        var lastFailure: Int?
        var time = 0
        while winner == nil, !race.isLost {
            let now = start + .milliseconds(time)
            for number in race.running.sorted() {
                switch fates[number] {
                case .connects(let after) where begins[number] + after <= time && winner == nil:
                    let (isFirst, losers) = race.connected(number)
                    #expect(isFirst && losers == Set(begins.indices).subtracting(ended).subtracting([number]))
                    winner = number
                case .fails(let after) where begins[number] + after <= time && winner == nil:
                    race.failed(number, now: now)
                    ended.insert(number)
                    lastFailure = time
                default: break
                }
            }
            while let number = race.begin(now: now) {
                #expect(number == begins.count, "in order, each once")
                if let last = begins.last { #expect(time - last == 250 || lastFailure == time) }
                begins.append(time)
            }
            #expect(race.beginsNext.map { $0 > now } ?? true)
            time += 1
            try #require(time < 10_000, "the race does not end")
        }
        if winner == nil { #expect(ended == Set(fates.indices)) }
        #expect(race.running.isEmpty)
    }
}

@Suite("The order in which addresses are tried") struct AddressOrderTests {
    private func order(_ ips: [String], last: String? = nil) throws -> [String] {
        let addresses = try ips.map { try #require(SocketAddress(ip: $0, port: 1)) }
        return addresses.inOrderOfTrying(last: last.flatMap { SocketAddress(ip: $0, port: 1) }).map {
            String($0.description.dropLast(2))
        }
    }

    @Test("the families alternate, beginning with that of the first address")
    func families() throws {
        let turns = ["[::1]", "1.1.1.1", "[::2]", "2.2.2.2", "[::3]"]
        try expect(order(["::1", "::2", "::3", "1.1.1.1", "2.2.2.2"]), is: turns)
        try expect(order(["1.1.1.1", "2.2.2.2", "::1"]), is: ["1.1.1.1", "[::1]", "2.2.2.2"])
        try expect(order([]), is: [])
    }

    @Test("the address that worked last comes first if the name still has it, and duplicates are removed")
    func last() throws {
        try expect(order(["1.1.1.1", "2.2.2.2"], last: "2.2.2.2"), is: ["2.2.2.2", "1.1.1.1"])
        try expect(order(["1.1.1.1", "2.2.2.2"], last: "3.3.3.3"), is: ["1.1.1.1", "2.2.2.2"])
        try expect(order(["1.1.1.1", "1.1.1.1"]), is: ["1.1.1.1"])
    }
}
