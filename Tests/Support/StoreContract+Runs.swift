package import StreamTokens
import Testing

extension StoreFixture {
    /// The store as one of runs that can be resumed.
    package var runs: any RunStore {
        get throws { try #require(store as? any RunStore) }
    }
}

extension Tenant {
    /// A token whose stream is open and can be resumed.
    func run(
        of workflow: String = "chat",
        window: Int = 60_000,
        origins: [String] = []
    ) async throws -> (run: RunID, stream: OpenStream) {
        let token = try await mint()
        let stream = try await open(token, for: fixture.attempt())
        let run = RunID(token, stream.attempt)
        try await fixture.runs.begin(run, RunTerms(workflow: workflow, window: window, origins: origins))
        return (run, stream)
    }
}

extension RunStore {
    /// Attaches a reader whose origin need not be known; returns its number, nil if it is refused.
    package func attach(to run: RunID, of workflow: String, after number: Int) async throws(StoreError) -> Int? {
        let outcome = try await attach(to: run, of: workflow, after: number, isAllowed: false)
        return if case .attached(let reader, _) = outcome { reader } else { nil }
    }

    /// Whether the run was stopped.
    package func stop(_ run: RunID, of workflow: String) async throws(StoreError) -> Bool {
        try await stop(run, of: workflow, isAllowed: false) == .stopped
    }
}

extension StoreContract {
    private static func event(_ number: Int, isEnd: Bool = false) -> LoggedEvent {
        // A front and bytes that a store's own format could trip over.
        let front = number.isMultiple(of: 2) ? "" : "a:b;\(number)"
        return LoggedEvent(number: number, front: front, block: Array("data: \(number)\r\0:\n\n".utf8), isEnd: isEnd)
    }

    private static func kept(_ reader: Int, _ position: Int) -> [RunStanding] {
        [.kept(reader: reader, position: position)]
    }

    /// The logs of runs whose streams can be resumed, and who reads them.
    package static let runs = [
        StoreContract("a log has the events that were appended, in their order, and each once") { fixture in
            let (runs, run) = (try fixture.runs, try await fixture.tenant().run().run)
            try await expect(runs.events(of: run, after: 0), is: [])
            for _ in 0..<2 {
                try await expect(runs.append([event(1)], to: run), is: .appended)
            }
            for _ in 0..<2 {
                try await expect(runs.append([event(2), event(3), event(4)], to: run), is: .appended)
            }
            try await expect(runs.append([event(5, isEnd: true)], to: run), is: .appended)
            let all = (1...4).map { event($0) } + [event(5, isEnd: true)]
            for number in 0...5 {
                try await expect(runs.events(of: run, after: number), is: Array(all.dropFirst(number)))
            }
        },
        StoreContract("what was dropped from a log is gone, and the numbers go on") { fixture in
            let (runs, run) = (try fixture.runs, try await fixture.tenant().run().run)
            try await expect(runs.append([event(1), event(2)], to: run), is: .appended)
            try await expect(runs.append([event(3)], to: run), is: .appended)
            try await runs.drop(through: 2, from: run)
            try await expect(runs.events(of: run, after: 0), is: [event(3)])
            try await expect(runs.events(of: run, after: 1), is: [event(3)])
            try await runs.drop(through: 3, from: run)
            try await expect(runs.events(of: run, after: 0), is: [])
            try await expect(runs.append([event(4)], to: run), is: .appended)
            try await expect(runs.events(of: run, after: 3), is: [event(4)])
        },
        StoreContract("a run that was not begun, or was removed, takes nothing") { fixture in
            let (runs, tenant) = (try fixture.runs, try await fixture.tenant())
            let (run, _) = try await tenant.run()
            let other = RunID(run.token, fixture.attempt())
            try await runs.end(run, isKept: false)
            for run in [run, other] {
                try await expect(runs.append([event(1)], to: run), is: .lost)
                try await expect(runs.events(of: run, after: 0), is: [])
                try await runs.drop(through: 1, from: run)
                try await expect(runs.renew([RunRenewal(run, reader: nil)], of: tenant.tag), is: [.lost])
                try await expect(runs.renew(RunReaderState(number: 1, position: 0), of: run), is: .gone)
                try await expect(runs.attach(to: run, of: "chat", after: 0), is: nil)
                try await runs.end(run, isKept: true)
                try await expect(runs.lose(run), is: true)
                try await expect(runs.events(of: run, after: 0), is: [])
            }
        },
        StoreContract("begun again, a run keeps its log and its reader") { fixture in
            let (runs, run) = (try fixture.runs, try await fixture.tenant().run().run)
            try await expect(runs.append([event(1)], to: run), is: .appended)
            try await expect(runs.attach(to: run, of: "chat", after: 1), is: 2)
            try await runs.begin(run, RunTerms(workflow: "chat", window: 60_000))
            try await expect(runs.events(of: run, after: 0), is: [event(1)])
            try await expect(runs.attach(to: run, of: "chat", after: 1), is: 3)
        },
        StoreContract("a reader attaches to what was logged, of the same workflow, and each is the latest") { fixture in
            let (runs, tenant) = (try fixture.runs, try await fixture.tenant())
            let (run, _) = try await tenant.run(of: "chat")
            try await expect(runs.append([event(1), event(2)], to: run), is: .appended)
            try await expect(runs.attach(to: run, of: "cha", after: 0), is: nil)
            try await expect(runs.attach(to: run, of: "chat", after: 3), is: nil)
            try await expect(runs.attach(to: run, of: "chat", after: 2), is: 2)
            try await expect(runs.attach(to: run, of: "chat", after: 0), is: 3)
            try await expect(runs.renew([RunRenewal(run, reader: nil)], of: tenant.tag), is: kept(3, 0))
            let earlier = RunReaderState(number: 2, position: 2)
            try await expect(runs.renew(earlier, of: run), is: .displaced)
            try await expect(runs.renew([RunRenewal(run, reader: earlier)], of: tenant.tag), is: kept(3, 0))
            let latest = RunReaderState(number: 3, position: 1)
            try await expect(runs.renew(latest, of: run), is: .current(isOwned: true))
            try await expect(runs.renew([RunRenewal(run, reader: nil)], of: tenant.tag), is: kept(3, 1))
        },
        StoreContract("a run is resumed only for the token that its attempt holds or has used") { fixture in
            let (runs, tenant) = (try fixture.runs, try await fixture.tenant())
            let (token, attempt) = (try await tenant.mint(), fixture.attempt())
            let run = RunID(token, attempt)
            try await runs.begin(run, RunTerms(workflow: "chat", window: 60_000))
            try await expect(runs.attach(to: run, of: "chat", after: 0), is: nil)
            _ = try await tenant.reserve(token, for: attempt, lease: 15_000)
            try await expect(runs.attach(to: run, of: "chat", after: 0), is: 2)
            try await expect(runs.attach(to: RunID(try await tenant.mint(), attempt), of: "chat", after: 0), is: nil)
            fixture.clock.advance(15_000)
            try await expect(runs.attach(to: run, of: "chat", after: 0), is: nil)
            _ = try await tenant.open(token, for: attempt)
            try await expect(runs.attach(to: run, of: "chat", after: 0), is: 3)
            try await fixture.store.release(token, for: attempt)
            try await expect(runs.attach(to: run, of: "chat", after: 0), is: nil)
        },
        StoreContract("a run is not resumed once its token, key or organization is revoked") { fixture in
            let (runs, store, tenant) = (try fixture.runs, fixture.store, try await fixture.tenant())
            var last = try await tenant.run().run
            _ = try await store.revoke(last.token)
            try await expect(runs.attach(to: last, of: "chat", after: 0), is: nil)
            last = try await tenant.run().run
            #expect(try await store.revokeTokens(of: tenant.name))
            try await expect(runs.attach(to: last, of: "chat", after: 0), is: nil)
            last = try await tenant.run().run
            #expect(try await store.setKey(tenant.key.id, enabled: false))
            try await expect(runs.attach(to: last, of: "chat", after: 0), is: nil)
        },
        StoreContract("the window begins when the reader leaves, or when its lease ends") { fixture in
            let (runs, tenant) = (try fixture.runs, try await fixture.tenant())
            let (run, stream) = try await tenant.run(window: 10_000)
            func renewed(_ reader: RunReaderState?) async throws -> [RunStanding] {
                _ = try await fixture.store.renew([stream], of: tenant.tag)
                return try await runs.renew([RunRenewal(run, reader: reader)], of: tenant.tag)
            }
            let reader = RunReaderState(number: 1, position: 0)
            for _ in 0..<40 {
                fixture.clock.advance(1000)
                try await expect(renewed(reader), is: kept(1, 0))
            }
            // Its lease of 5 s, then the window.
            fixture.clock.advance(14_999)
            try await expect(renewed(nil), is: kept(1, 0))
            fixture.clock.advance(1)
            try await expect(renewed(nil), is: [.unread])
            try await expect(runs.attach(to: run, of: "chat", after: 0), is: nil)
            // Who comes back after all, as a reader that slept, is current again.
            try await expect(renewed(reader), is: kept(1, 0))
            let left = RunReaderState(number: 1, position: 0, isReading: false)
            try await expect(runs.renew(left, of: run), is: .current(isOwned: true))
            fixture.clock.advance(5000)
            // Leaving again does not begin the window again.
            try await expect(runs.renew(left, of: run), is: .current(isOwned: true))
            fixture.clock.advance(4999)
            try await expect(renewed(nil), is: kept(1, 0))
            try await expect(runs.attach(to: run, of: "chat", after: 0), is: 2)
            try await expect(renewed(left), is: kept(2, 0))
            fixture.clock.advance(5000 + 9999)
            try await expect(renewed(nil), is: kept(2, 0))
            fixture.clock.advance(1)
            try await expect(renewed(nil), is: [.unread])
        },
        StoreContract("an owner's lease lasts fifteen seconds, and a run outlives it for its window") { fixture in
            let (runs, tenant) = (try fixture.runs, try await fixture.tenant())
            let (run, _) = try await tenant.run(window: 30_000)
            let reader = RunReaderState(number: 1, position: 0)
            fixture.clock.advance(14_999)
            try await expect(runs.renew(reader, of: run), is: .current(isOwned: true))
            fixture.clock.advance(1)
            try await expect(runs.renew(reader, of: run), is: .current(isOwned: false))
            try await expect(runs.attach(to: run, of: "chat", after: 0), is: 2)
            try await expect(runs.renew([RunRenewal(run, reader: nil)], of: tenant.tag), is: kept(2, 0))
            try await expect(runs.renew(reader, of: run), is: .displaced)
            fixture.clock.advance(15_000 + 29_999)
            try await expect(runs.append([event(1)], to: run), is: .appended)
            fixture.clock.advance(1)
            try await expect(runs.renew([RunRenewal(run, reader: nil)], of: tenant.tag), is: [.lost])
            try await expect(runs.attach(to: run, of: "chat", after: 0), is: nil)
        },
        StoreContract("after its end a run is kept for its window with its token, and takes nothing more") { fixture in
            let (runs, tenant) = (try fixture.runs, try await fixture.tenant())
            let (run, stream) = try await tenant.run(window: 300_000)
            try await expect(runs.append([event(1), event(2, isEnd: true)], to: run), is: .appended)
            try await fixture.store.end(stream.attempt, of: tenant.tag)
            try await runs.end(run, isKept: true)
            fixture.clock.advance(1000)
            // A repetition does not prolong it.
            try await runs.end(run, isKept: true)
            try await expect(runs.append([event(3)], to: run), is: .lost)
            try await expect(runs.renew([RunRenewal(run, reader: nil)], of: tenant.tag), is: [.lost])
            fixture.clock.advance(298_999)
            try await expect(runs.attach(to: run, of: "chat", after: 1), is: 2)
            try await expect(runs.events(of: run, after: 1), is: [event(2, isEnd: true)])
            let reader = RunReaderState(number: 2, position: 2)
            try await expect(runs.renew(reader, of: run), is: .current(isOwned: true))
            fixture.clock.advance(1)
            try await expect(runs.attach(to: run, of: "chat", after: 1), is: nil)
            try await expect(runs.renew(reader, of: run), is: .gone)
        },
        StoreContract("a run is stopped by who could resume it, and its owner learns of that") { fixture in
            let (runs, tenant) = (try fixture.runs, try await fixture.tenant())
            let (run, _) = try await tenant.run()
            try await expect(runs.stop(run, of: "other"), is: false)
            try await expect(runs.stop(RunID(run.token, fixture.attempt()), of: "chat"), is: false)
            try await expect(runs.renew([RunRenewal(run, reader: nil)], of: tenant.tag), is: kept(1, 0))
            for _ in 0..<2 { try await expect(runs.stop(run, of: "chat"), is: true) }
            try await expect(runs.append([event(1)], to: run), is: .appended)
            try await expect(runs.attach(to: run, of: "chat", after: 1), is: 2)
            for _ in 0..<2 {
                try await expect(runs.renew([RunRenewal(run, reader: nil)], of: tenant.tag), is: [.stopped])
            }
            try await runs.end(run, isKept: true)
            fixture.clock.advance(59_999)
            try await expect(runs.stop(run, of: "chat"), is: true)
            fixture.clock.advance(1)
            try await expect(runs.stop(run, of: "chat"), is: false)
        },
        StoreContract("an owner whose lease has ended loses its run, and can add nothing more") { fixture in
            let (runs, tenant) = (try fixture.runs, try await fixture.tenant())
            let (run, _) = try await tenant.run(window: 30_000)
            try await expect(runs.append([event(1)], to: run), is: .appended)
            fixture.clock.advance(14_999)
            try await expect(runs.lose(run), is: false)
            try await expect(runs.append([event(2)], to: run), is: .appended)
            fixture.clock.advance(1)
            for _ in 0..<2 { try await expect(runs.lose(run), is: true) }
            try await expect(runs.append([event(3)], to: run), is: .lost)
            // A repetition of what was added before.
            try await expect(runs.append([event(2)], to: run), is: .appended)
            try await expect(runs.renew([RunRenewal(run, reader: nil)], of: tenant.tag), is: [.lost])
            try await runs.end(run, isKept: true)
            try await expect(runs.attach(to: run, of: "chat", after: 3), is: nil)
            try await expect(runs.attach(to: run, of: "chat", after: 1), is: 2)
            let reader = RunReaderState(number: 2, position: 1)
            try await expect(runs.renew(reader, of: run), is: .current(isOwned: false))
            try await expect(runs.events(of: run, after: 0), is: [event(1), event(2)])
        },
        StoreContract("a run that has ended is not lost") { fixture in
            let (runs, run) = (try fixture.runs, try await fixture.tenant().run().run)
            try await expect(runs.append([event(1, isEnd: true)], to: run), is: .appended)
            try await runs.end(run, isKept: true)
            fixture.clock.advance(20_000)
            try await expect(runs.lose(run), is: false)
            try await expect(runs.events(of: run, after: 0), is: [event(1, isEnd: true)])
        },
        StoreContract("a run that is bound to origins waits until the caller's is found among them") { fixture in
            let (runs, tenant) = (try fixture.runs, try await fixture.tenant())
            let origins = ["https://app.example", "capacitor://localhost"]
            let run = try await tenant.run(origins: origins).run
            for _ in 0..<2 {
                try await expect(
                    runs.attach(to: run, of: "chat", after: 0, isAllowed: false),
                    is: .bound(to: origins)
                )
                try await expect(runs.stop(run, of: "chat", isAllowed: false), is: .bound(to: origins))
            }
            try await expect(runs.attach(to: run, of: "other", after: 0, isAllowed: false), is: .refused)
            try await expect(runs.stop(run, of: "other", isAllowed: false), is: .refused)
            try await expect(runs.renew([RunRenewal(run, reader: nil)], of: tenant.tag), is: kept(1, 0))
            let attached = AttachOutcome.attached(reader: 2, user: nil)
            try await expect(runs.attach(to: run, of: "chat", after: 0, isAllowed: true), is: attached)
            try await expect(runs.stop(run, of: "chat", isAllowed: true), is: .stopped)
        },
        StoreContract("a reader learns whom its token's policy names, even after the token's lifetime") { fixture in
            let (runs, tenant) = (try fixture.runs, try await fixture.tenant())
            let policy = try MintRequest(reading: Array(#"{"user":"user-1","ttl":1}"#.utf8)).policy
            let token = try await tenant.mint(ttl: 1, try #require(policy))
            let run = RunID(token, try await tenant.open(token, for: fixture.attempt()).attempt)
            try await runs.begin(run, RunTerms(workflow: "chat", window: 60_000))
            fixture.clock.advance(5000)
            let attached = AttachOutcome.attached(reader: 2, user: "user-1")
            try await expect(runs.attach(to: run, of: "chat", after: 0, isAllowed: false), is: attached)
        },
        StoreContract("places in several logs are read together, each from its own event on") { fixture in
            let (runs, tenant) = (try fixture.runs, try await fixture.tenant())
            var all: [RunID] = []
            for _ in 0..<4 { all.append(try await tenant.run().run) }
            for number in 1...20 { try await expect(runs.append([event(number)], to: all[0]), is: .appended) }
            try await expect(runs.append([event(1), event(2), event(3)], to: all[1]), is: .appended)
            try await runs.end(all[3], isKept: false)
            let places = [(0, 2), (1, 1), (1, 2), (2, 0), (3, 0)].map { LogPlace(all[$0], after: $1) }
            let read = try await runs.events(behind: places, of: tenant.tag)
            #expect(read.count == 5)
            #expect(read[0] == (3..<(3 + read[0].count)).map { event($0) })
            expect(read[0].count, in: LogPlace.minEvents...18)
            #expect(read[1] == [event(2), event(3)] && read[2] == [event(3)])
            #expect(read[3].isEmpty && read[4].isEmpty)
            try await expect(runs.events(behind: [], of: tenant.tag), is: [])
        },
        StoreContract("readers are renewed together, each with its own standing") { fixture in
            let (runs, tenant) = (try fixture.runs, try await fixture.tenant())
            var all: [RunID] = []
            for _ in 0..<3 { all.append(try await tenant.run().run) }
            try await expect(runs.attach(to: all[1], of: "chat", after: 0), is: 2)
            try await runs.end(all[2], isKept: false)
            let readers = all.map { ReaderRenewal($0, RunReaderState(number: 1, position: 0)) }
            let standings: [ReaderStanding] = [.current(isOwned: true), .displaced, .gone]
            try await expect(runs.renew(readers, of: tenant.tag), is: standings)
            try await expect(runs.renew([ReaderRenewal](), of: tenant.tag), is: [])
        },
        StoreContract("runs are renewed together, each with its own standing") { fixture in
            let (runs, tenant) = (try fixture.runs, try await fixture.tenant())
            var all: [RunID] = []
            for _ in 0..<3 { all.append(try await tenant.run().run) }
            try await runs.end(all[1], isKept: false)
            let renewals = all.enumerated().map { index, run in
                RunRenewal(run, reader: index == 2 ? RunReaderState(number: 1, position: 7) : nil)
            }
            let standings: [RunStanding] = [.kept(reader: 1, position: 0), .lost, .kept(reader: 1, position: 7)]
            try await expect(runs.renew(renewals, of: tenant.tag), is: standings)
            try await expect(runs.renew([RunRenewal](), of: tenant.tag), is: [])
        },
        StoreContract("nothing of a removed organization's runs is left") { fixture in
            let (runs, tenant) = (try fixture.runs, try await fixture.tenant())
            let (run, _) = try await tenant.run()
            try await expect(runs.append([event(1)], to: run), is: .appended)
            #expect(try await fixture.store.removeOrganization(named: tenant.name))
            try await expect(runs.attach(to: run, of: "chat", after: 0), is: nil)
            try await expect(runs.renew([RunRenewal(run, reader: nil)], of: tenant.tag), is: [.lost])
            try await expect(runs.events(of: run, after: 0), is: [])
        },
    ]
}
