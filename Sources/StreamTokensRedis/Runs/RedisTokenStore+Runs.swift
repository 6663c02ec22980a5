import FunctionRedis
package import StreamTokens

/// Runs on Redis. `run:<attempt>` is a run's record (run.lua), `log:<attempt>` a stream: its entries are batches of
/// events, and their ids are `<owner's number>-<number of the last event>`. So Redis itself refuses to add an entry
/// twice, and an entry of a former owner. What comes with each event (``append(_:to:)``) is a plain command with one key.
extension RedisTokenStore: RunStore {
    /// A run has one owner so far: the loop that began it.
    private static let owner = 1
    /// The most entries in one reply.
    private static let maxEntries = 64

    package func begin(_ run: RunID, _ terms: RunTerms) async throws(StoreError) {
        var command = RedisCommand(evaluating: script(Scripts.beginRun), keyCount: 2)
        command.append(run)
        command.append(clock)
        command.append(terms.workflow)
        command.append(terms.window)
        command.append(Lifetime.stream)
        command.append(Lifetime.reader)
        command.append(terms.origins.joined(separator: " "))
        _ = try await perform(command, isDurable: true, \.integer)
    }

    package func append(_ events: [LoggedEvent], to run: RunID) async throws(StoreError) -> AppendOutcome {
        guard let last = events.last?.number else { return .appended }
        let payload = LoggedEvents.encode(events)
        var command = RedisCommand("XADD", capacity: payload.count + 128)
        command.appendLog(run)
        command.append("NOMKSTREAM")
        command.append(Self.id(last))
        command.append("e")
        command.append(payload)
        let reply: RedisReply
        do throws(RedisError) {
            reply = try await client.perform(command, isDurable: true)
        } catch {
            guard case .refused(let refusal) = error.reason, refusal.description.contains("equal or smaller") else {
                throw StoreError(error.description, mayHaveBeenExecuted: error.mayHaveBeenExecuted)
            }
            return try await has(last, run) ? .appended : .lost
        }
        // Null: there is no such log.
        return reply == .null ? .lost : .appended
    }

    /// Whether the log has the entry that ends with that event: then it was added before, and not by a later owner.
    private func has(_ number: Int, _ run: RunID) async throws(StoreError) -> Bool {
        var command = RedisCommand("XRANGE")
        command.appendLog(run)
        command.append(Self.id(number))
        command.append(Self.id(number))
        return try await perform(command) { $0.elements.map { !$0.isEmpty } }
    }

    package func drop(through number: Int, from run: RunID) async throws(StoreError) {
        var command = RedisCommand("XTRIM")
        command.appendLog(run)
        command.append("MINID")
        command.append(Self.id(number + 1))
        _ = try await perform(command, \.integer)
    }

    package func events(of run: RunID, after number: Int) async throws(StoreError) -> [LoggedEvent] {
        var command = RedisCommand("XRANGE")
        command.appendLog(run)
        command.append("(" + Self.id(number))
        command.append("+")
        command.append("COUNT")
        command.append(Self.maxEntries)
        return try await perform(command) { LoggedEvents.read($0, after: number) }
    }

    package func events(behind places: [LogPlace], of tag: Tag) async throws(StoreError) -> [[LoggedEvent]] {
        // A run is named once, as its entries would be returned twice otherwise.
        let numbers = Dictionary(places.map { ($0.run, $0.number) }, uniquingKeysWith: min)
        let entries = try await entries(behind: numbers.map { (run: $0.key, number: $0.value) }, of: tag)
        return places.map { place in (entries[place.run] ?? []).filter { $0.number > place.number } }
    }

    private func entries(
        behind numbers: [(run: RunID, number: Int)],
        of tag: Tag
    ) async throws(StoreError) -> [RunID: [LoggedEvent]] {
        guard !numbers.isEmpty else { return [:] }
        var command = RedisCommand(
            "XREAD",
            besideKey: "st:{\(tag.text)}:org",
            "COUNT",
            "\(LogPlace.minEvents)",
            "STREAMS"
        )
        for each in numbers { command.appendLog(each.run) }
        for each in numbers { command.append(Self.id(each.number)) }
        let runs = Dictionary(numbers.map { (Self.logName($0.run), $0.run) }) { one, _ in one }
        return try await perform(command) { LoggedEvents.read(streams: $0, of: runs) }
    }

    private static func logName(_ run: RunID) -> [UInt8] {
        var name = Array("st:{\(run.token.tag.text)}:log:".utf8)
        run.attempt.append(to: &name)
        return name
    }

    package func renew(_ renewals: [RunRenewal], of tag: Tag) async throws(StoreError) -> [RunStanding] {
        guard !renewals.isEmpty else { return [] }
        var command = RedisCommand(
            evaluating: script(Scripts.renewRuns),
            keyCount: 2 * renewals.count,
            capacity: 128 + 192 * renewals.count
        )
        for renewal in renewals { command.append(renewal.run) }
        command.append(clock)
        command.append(Lifetime.stream)
        command.append(Lifetime.reader)
        for renewal in renewals {
            command.append(Self.owner)
            command.append(renewal.reader ?? RunReaderState(number: 0, position: 0))
        }
        return try await perform(command) { RunStanding.all($0, count: renewals.count) }
    }

    package func attach(
        to run: RunID,
        of workflow: String,
        after number: Int,
        isAllowed: Bool
    ) async throws(StoreError) -> AttachOutcome {
        var command = makeCommand(Scripts.attach, run, workflow, isAllowed)
        command.append(number)
        command.append(Lifetime.reader)
        return try await perform(command, AttachOutcome.init)
    }

    package func stop(_ run: RunID, of workflow: String, isAllowed: Bool) async throws(StoreError) -> StopOutcome {
        let command = makeCommand(Scripts.stopRun, run, workflow, isAllowed)
        return try await perform(command, isDurable: true, StopOutcome.init)
    }

    /// A command on behalf of who has a cursor of the run.
    private func makeCommand(
        _ source: RedisScript,
        _ run: RunID,
        _ workflow: String,
        _ isAllowed: Bool
    ) -> RedisCommand {
        var command = RedisCommand(evaluating: script(source), keyCount: 4)
        command.appendOrganization(run.token.tag)
        command.append(run.token)
        command.append(run)
        command.append(clock)
        command.append(run.attempt)
        command.append(workflow)
        command.append(isAllowed ? 1 : 0)
        return command
    }

    package func renew(_ readers: [ReaderRenewal], of tag: Tag) async throws(StoreError) -> [ReaderStanding] {
        guard !readers.isEmpty else { return [] }
        var command = RedisCommand(
            evaluating: script(Scripts.renewReaders),
            keyCount: 2 * readers.count,
            capacity: 128 + 160 * readers.count
        )
        for each in readers { command.append(each.run) }
        command.append(clock)
        command.append(Lifetime.reader)
        for each in readers { command.append(each.reader) }
        return try await perform(command) { reply in
            guard let standings = reply.elements?.compactMap(ReaderStanding.init), standings.count == readers.count
            else { return nil }
            return standings
        }
    }

    package func lose(_ run: RunID) async throws(StoreError) -> Bool {
        var command = RedisCommand(evaluating: script(Scripts.loseRun), keyCount: 2)
        command.append(run)
        command.append(clock)
        return try await perform(command, \.isYes)
    }

    package func end(_ run: RunID, isKept: Bool) async throws(StoreError) {
        var command = RedisCommand(evaluating: script(Scripts.endRun), keyCount: 3)
        command.append(run.token)
        command.append(run)
        command.append(clock)
        command.append(run.attempt)
        command.append(isKept ? 1 : 0)
        _ = try await perform(command, isDurable: true, \.integer)
    }

    private static func id(_ number: Int) -> String { "\(owner)-\(number)" }
}

extension RedisCommand {
    /// The two keys of a run.
    fileprivate mutating func append(_ run: RunID) {
        appendRun(run)
        appendLog(run)
    }

    fileprivate mutating func append(_ reader: RunReaderState) {
        append(reader.number)
        append(reader.position)
        append(reader.isReading ? 1 : 0)
    }
}

extension RunStanding {
    fileprivate static func all(_ reply: RedisReply, count: Int) -> [RunStanding]? {
        guard let elements = reply.elements, elements.count == 3 * count else { return nil }
        var standings: [RunStanding] = []
        for index in stride(from: 0, to: elements.count, by: 3) {
            switch (elements[index].integer, elements[index + 1].count, elements[index + 2].count) {
            case (0, let reader?, let position?): standings.append(.kept(reader: reader, position: position))
            case (1, _?, _?): standings.append(.unread)
            case (2, _?, _?): standings.append(.lost)
            case (3, _?, _?): standings.append(.stopped)
            default: return nil
            }
        }
        return standings
    }
}

extension AttachOutcome {
    fileprivate init?(_ reply: RedisReply) {
        guard let elements = reply.elements, let number = elements.first?.integer else { return nil }
        switch (number, elements.dropFirst().first?.text) {
        case (0, _): self = .refused
        case (-1, let origins?): self = .bound(to: Self.list(origins))
        case (1..., let user?): self = .attached(reader: number, user: user.isEmpty ? nil : user)
        default: return nil
        }
    }

    fileprivate static func list(_ origins: String) -> [String] {
        origins.utf8.split(separator: UInt8(ascii: " ")).map { String(Substring($0)) }
    }
}

extension StopOutcome {
    fileprivate init?(_ reply: RedisReply) {
        guard let elements = reply.elements, let number = elements.first?.integer else { return nil }
        switch (number, elements.dropFirst().first?.text) {
        case (0, _): self = .refused
        case (1, _): self = .stopped
        case (-1, let origins?): self = .bound(to: AttachOutcome.list(origins))
        default: return nil
        }
    }
}

extension ReaderStanding {
    fileprivate init?(_ reply: RedisReply) {
        switch reply.integer {
        case 0: self = .current(isOwned: true)
        case 1: self = .current(isOwned: false)
        case 2: self = .displaced
        case 3: self = .gone
        default: return nil
        }
    }
}
