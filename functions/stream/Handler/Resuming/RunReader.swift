import FunctionCore
import StreamTokens

/// Writes a resumable stream to one client, from a place in its log on: the body of a response. A client that leaves
/// ends its reader, not the run.
actor RunReader {
    private nonisolated let home: any Actor
    nonisolated var unownedExecutor: UnownedSerialExecutor { home.unownedExecutor }

    private let source: any RunSource
    private let secret: RunSecret
    /// The last event that the client was given.
    private var position: Int
    private let heartbeat: Duration
    private let clock: any Clock<Duration>
    private let age: Stopwatch
    /// Its age when it last wrote.
    private var lastWrite = Duration.zero

    /// Isolates the reader if its request runs on no actor.
    private actor OwnHome {}

    /// The most bytes that are written together, so that a client that catches up takes little memory.
    private static let piece = 16 << 10
    /// How long to wait for a store that does not reply before the next try.
    private static let pause = Duration.milliseconds(100)

    init(
        of source: any RunSource,
        from cursor: Cursor,
        heartbeat: Duration,
        clock: any Clock<Duration>,
        isolation: (any Actor)? = #isolation
    ) {
        home = isolation ?? OwnHome()
        self.source = source
        secret = cursor.secret
        position = cursor.number
        self.heartbeat = heartbeat
        self.clock = clock
        age = Stopwatch(clock)
    }

    /// Writes `opening`, and then the stream to its end. Throws if the client leaves before that.
    func transfer(opening: [UInt8], to writer: any BodyWriter) async throws {
        let result = await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.beat() }
            defer { group.cancelAll() }
            return await self.pump(opening, to: writer)
        }
        try result.get()
    }

    private func pump(_ opening: [UInt8], to writer: any BodyWriter) async -> Result<Void, any Error> {
        do {
            try await write(opening, to: writer)
            while try await step(writer) {}
            return .success(())
        } catch {
            await source.leave(at: position)
            return .failure(error)
        }
    }

    /// Writes what there is, or waits for more; returns whether the stream goes on.
    private func step(_ writer: any BodyWriter) async throws -> Bool {
        switch await source.events(after: position) {
        case .events(let events, let logged): return try await write(events, logged, to: writer)
        case .nothing: guard await source.wait() else { throw CancellationError() }
        case .later: try await clock.sleep(for: Self.pause)
        case .ended(let end):
            try await write(end.event, to: writer)
            return false
        }
        if age.elapsed - lastWrite >= heartbeat { try await write(ServerSentEvent.heartbeat, to: writer) }
        return true
    }

    private func write(_ events: [LoggedEvent], _ logged: Int, to writer: any BodyWriter) async throws -> Bool {
        var bytes: [UInt8] = []
        for event in events {
            event.append(with: event.number <= logged ? secret : nil, to: &bytes)
            guard bytes.count >= Self.piece || event.number == events.last?.number else { continue }
            try await write(bytes, to: writer)
            position = event.number
            bytes = []
        }
        guard events.last?.isEnd == true else { return true }
        await source.finish()
        return false
    }

    private func write(_ bytes: [UInt8], to writer: any BodyWriter) async throws {
        try await writer.write(bytes)
        lastWrite = age.elapsed
    }

    /// Wakes the pump each time a heartbeat is due. Only the pump writes.
    private func beat() async {
        var rest = heartbeat
        while (try? await clock.sleep(for: rest)) != nil {
            rest = heartbeat - (age.elapsed - lastWrite)
            guard rest <= .zero else { continue }
            source.wake()
            rest = heartbeat
        }
    }
}
