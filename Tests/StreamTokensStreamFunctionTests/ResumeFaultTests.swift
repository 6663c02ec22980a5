import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensStreamFunction
import StreamTokensWorkflows
import Support
import Testing

@Suite("A stream that can be resumed, under load and faults")
struct ResumeFaultTests {
    @Test("arrives whole and once, wherever its line is lost", arguments: UInt64(1)...(LongRun.isOn ? 200 : 20))
    func cuts(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var options = ResumableStream.options
        options.logBytes = 1 << 16
        let stream = try await ResumableStream(options: options)
        let count = Int.random(in: 1...400, using: &random)
        let expected = (1...count).map { number in
            "\(number) " + String(repeating: "x", count: .random(in: 0...300, using: &random))
        }
        let feeding = Task { [random, workflow = stream.workflow] in
            var random = random
            for text in expected {
                workflow.feed(.event(ServerSentEvent(data: text)))
                if Int.random(in: 0..<10, using: &random) == 0 { try await Task.sleep(for: .milliseconds(1)) }
            }
            workflow.feed(.end)
        }
        var received: [String] = []
        var id: String?
        var lines = 0
        while true {
            let limit = Int.random(in: 0...(lines < 30 ? 4000 : 1 << 20), using: &random)
            let client = await stream.open(after: id, losingAfter: limit)
            #expect(client.response.status == .ok)
            _ = try? await client.sending.value
            lines += 1
            let events = try await client.events
            received += events.filter { $0.type == nil }.map(\.data)
            id = try await client.lastEventID ?? id
            // Not even the first cursor has arrived: nothing can be resumed.
            if id == nil { break }
            if let last = events.last, last.type != nil {
                #expect(last.type == "done", "\(last)")
                break
            }
        }
        try await feeding.value
        if id != nil { #expect(received == expected) }
        #expect(stream.workflow.starts == 1)
        try await expect(stream.counts[0], is: 0)
        await stream.end()
    }

    @Test("is not read from the workflow beyond its log while nobody reads, and loses nothing then")
    func backpressure() async throws {
        var options = ResumableStream.options
        options.logBytes = 1 << 16
        let stream = try await ResumableStream(options: options)
        let text = String(repeating: "x", count: 1000)
        for _ in 0..<1000 { stream.feed(text) }
        let first = await stream.open()
        #expect(try await first.has(1))
        await first.line.block(true)
        let id = try #require(try await first.lastEventID)
        await first.leave()
        await stream.pass(seconds: 3)
        // The log is full, less room for an event and a batch.
        let taken = stream.workflow.taken
        await stream.pass(seconds: 3)
        #expect(stream.workflow.taken == taken)
        expect(taken - (try await first.events.count), in: 20...64)
        stream.workflow.feed(.end)
        let second = await stream.open(after: id)
        try await second.sending.value
        try await expect(first.events.count + second.events.count, is: 1001)
        await stream.end()
    }

    @Test("tells a client whose cursor is older than the log that it is too late")
    func tooLate() async throws {
        var options = ResumableStream.options
        options.logBytes = 1 << 16
        let stream = try await ResumableStream(options: options)
        for number in 0..<200 { stream.feed("\(number) " + String(repeating: "x", count: 1000)) }
        let first = await stream.open()
        #expect(try await first.has(200))
        let events = try await first.events
        let second = await stream.open(after: try #require(events.first?.id))
        try await expect(second.code, is: "resume_too_late")
        try await expect(second.lastEventID, is: ";end")
        // The last quarter of the log stays, whatever was given.
        let third = await stream.open(after: try #require(events.suffix(15).first?.id))
        #expect(try await third.has(14))
        try await expect(third.texts, is: events.suffix(14).map(\.data))
        await stream.end()
    }

    @Test("ends if an event is larger than a quarter of its log")
    func tooLarge() async throws {
        var options = ResumableStream.options
        options.logBytes = 1 << 16
        let stream = try await ResumableStream(options: options)
        stream.workflow.feed(.event(ServerSentEvent(data: "a")))
        stream.workflow.feed(.event(ServerSentEvent(data: String(repeating: "x", count: 1 << 14))))
        let client = await stream.open()
        try await expect(client.code, is: "workflow_event_too_large")
        try await expect(client.texts.first, is: "a")
        await stream.end()
    }

    @Test("goes on without a log that fails: what follows has no id, and cannot be resumed", arguments: [false, true])
    func lost(isDeleted: Bool) async throws {
        let (stream, faulty) = try await ResumableStream.withFaultyRuns()
        stream.feed("a")
        let client = await stream.open()
        #expect(try await client.has(1))
        let id = try #require(try await client.lastEventID)
        if isDeleted {
            let secret = try #require(RunSecret(id.suffix(22).utf8))
            let run = RunID(try #require(StreamToken(stream.token)), Attempt(of: secret))
            await stream.fixture.store.end(run, isKept: false)
        } else {
            faulty.fail([.append])
        }
        stream.feed("b")
        #expect(try await client.has(2))
        try await expect(client.lastEventID, is: id)
        let late = await stream.open(after: id)
        if isDeleted {
            #expect(late.response.status == .unauthorized)
        } else {
            try await expect(late.code, is: "stream_lost")
            try await expect(late.lastEventID, is: ";end")
        }
        faulty.fail([])
        stream.feed("c")
        stream.workflow.feed(.end)
        try await client.sending.value
        try await expect(client.texts, is: ["a", "b", "c", "{}"])
        try await expect(client.lastEventID, is: ";end")
        try await expect(stream.counts(awaiting: [0, 0, 0]), is: [0, 0, 0])
        await stream.end()
    }

    @Test("ends if its log fails while nobody reads, or once its reader leaves then", arguments: [true, false])
    func lostUnread(isReadBefore: Bool) async throws {
        let (stream, faulty) = try await ResumableStream.withFaultyRuns()
        stream.feed("a")
        let client = await stream.open()
        #expect(try await client.has(1))
        let id = try await client.lastEventID
        if !isReadBefore { await client.leave() }
        faulty.fail([.append])
        stream.feed("b")
        if isReadBefore {
            #expect(try await client.has(2))
            await client.leave()
        }
        let code = isReadBefore ? "stream_interrupted" : "stream_lost"
        #expect(await waitUntil { stream.words.last == code })
        #expect(stream.workflow.cancels == 1)
        try await expect(stream.counts(awaiting: [0, 0, 0]), is: [0, 0, 0])
        faulty.fail([])
        // The run's lease has to lapse first.
        let late = await stream.open(after: id)
        await stream.pass(seconds: 40)
        try await expect(late.code, is: "stream_lost")
        await stream.end()
    }

    @Test("opens without a log if the store takes none, and cannot be resumed then")
    func unlogged() async throws {
        for isAtOnce in [true, false] {
            var options = ResumableStream.options
            options.opens = isAtOnce ? .atOnce : .atFirstByte
            let stream = try await ResumableStream(options: options) { FaultyRunStore($0, failing: [.begin]) }
            stream.feed("a")
            stream.workflow.feed(.end)
            let client = await stream.open()
            try await client.sending.value
            try await expect(client.events.map(\.id), is: ["1", "1;end"])
            let words = isAtOnce ? ["waiting", "unlogged", "opened", "ended"] : ["opened", "unlogged", "ended"]
            #expect(stream.words == words)
            try await expect(stream.counts(awaiting: [0, 0, 0]), is: [0, 0, 0])
            await stream.end()
        }
    }

    @Test("has no log while those of the process have no room, and gives its room back after its window")
    func budget() async throws {
        var options = ResumableStream.options
        options.logs = LogBudget(limit: 1000)
        let stream = try await ResumableStream(options: options, credits: 3)
        stream.feed("a")
        let client = await stream.open()
        #expect(try await client.has(1))
        stream.feed(String(repeating: "b", count: 950))
        #expect(try await client.has(2))
        stream.feed(String(repeating: "c", count: 100))
        #expect(try await client.has(3))
        // The third one has no room: the whole log is given up.
        try await expect(client.events.map { $0.id == nil }, is: [false, false, true])
        #expect(options.logs.byteCount == 0)
        #expect(stream.words == ["opened", "unlogged"])
        stream.workflow.feed(.end)
        try await client.sending.value
        stream.feed(String(repeating: "d", count: 900))
        stream.workflow.feed(.end)
        let second = await stream.open(ResumableStream.request(try await stream.fixture.mint()))
        try await second.sending.value
        expect(options.logs.byteCount, in: 900...1000)
        await stream.pass(seconds: ResumableStream.window - 1)
        expect(options.logs.byteCount, in: 900...1000)
        await stream.pass(seconds: 1)
        #expect(options.logs.byteCount == 0)
        await stream.end()
    }

    @Test("asks a client to come back if the store is away when it resumes, and tells nothing")
    func away() async throws {
        let (stream, faulty) = try await ResumableStream.withFaultyRuns()
        stream.feed("a")
        let client = await stream.open()
        #expect(try await client.has(1))
        let id = try await client.lastEventID
        await client.leave()
        faulty.fail([.attach])
        for id in [id, ";1.AAAAAAAAAAAAAAAAAAAAAA"] {
            let away = await stream.open(after: id)
            #expect(away.response.status == .ok)
            try await expect(away.code, is: "store_unavailable")
            try await expect(away.lastEventID, is: nil)
        }
        faulty.fail([])
        stream.feed("b")
        let second = await stream.open(after: id)
        #expect(try await second.has(1))
        try await expect(second.texts, is: ["b"])
        await stream.end()
    }

    @Test("waits for a store that is away while a reader catches up")
    func catchingUp() async throws {
        let (stream, faulty) = try await ResumableStream.withFaultyRuns()
        let texts = (0..<40).map { "\($0) " + String(repeating: "x", count: 1000) }
        for text in texts { stream.feed(text) }
        let first = await stream.open()
        #expect(try await first.has(40))
        let id = try #require(try await first.events.first?.id)
        faulty.fail([.events])
        let second = await stream.open(after: id)
        await stream.pass(seconds: 2)
        #expect(try await second.events.isEmpty)
        faulty.fail([])
        await stream.pass(seconds: 1)
        #expect(try await second.has(39))
        try await expect(second.texts, is: Array(texts.dropFirst()))
        await stream.end()
    }
}
