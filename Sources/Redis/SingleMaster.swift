internal import EventLoop
internal import TLS

/// One server, or the one master behind sentinels, over one connection that all callers on a loop share.
struct SingleMaster: Sendable {
    private let connection: RedisConnection
    /// What is to outlast a failover goes over this one, as it waits for replicas; nil if nothing has to.
    private let durable: RedisConnection?
    private let watch: SentinelWatch?
    private let timeout: Interval

    /// `replicas` is how many of them have to have what is performed durably.
    init(
        _ url: RedisURL,
        on loop: EventLoop,
        timeout: Interval,
        replicas: Int,
        looksAtSettings: Bool,
        tls: TLSContext,
        statistics: RedisStatistics?,
        log: @escaping @Sendable (String) -> Void
    ) {
        let watch: SentinelWatch? =
            if case .sentinel(let name) = url.topology { SentinelWatch(url, name, on: loop, tls: tls, log: log) } else {
                nil
            }
        let whenLost: @Sendable () -> Void = { watch?.assumeIsolated { $0.connectionLost() } }
        let connection = RedisConnection(
            url,
            on: loop,
            timeout: timeout,
            looksAtSettings: looksAtSettings,
            tls: tls,
            statistics: statistics,
            log: log,
            whenLost: whenLost
        )
        let durable: RedisConnection? =
            replicas == 0
            ? nil
            : RedisConnection(
                url,
                on: loop,
                timeout: timeout,
                looksAtSettings: false,
                tls: tls,
                replicas: replicas,
                statistics: statistics,
                log: log,
                whenLost: whenLost
            )
        self.connection = connection
        self.durable = durable
        self.watch = watch
        self.timeout = timeout
        loop.start {
            await connection.begin()
            await watch?.begin(for: [connection, durable].compactMap(\.self))
        }
    }

    /// Has `command` executed, and repeated once if it was not answered for another reason than an error.
    func perform(_ command: RedisCommand) async throws(RedisError) -> RedisReply {
        try await perform(command, over: connection, firstTry: timeout / 2)
    }

    /// Has `command` executed, and replicated before it is answered. Replicas take their time: it is repeated only if the
    /// connection is lost.
    func performDurably(_ command: RedisCommand) async throws(RedisError) -> RedisReply {
        guard let durable else { return try await perform(command) }
        await durable.begin()
        return try await perform(command, over: durable, firstTry: timeout)
    }

    private func perform(
        _ command: RedisCommand,
        over connection: RedisConnection,
        firstTry: Interval
    ) async throws(RedisError) -> RedisReply {
        let start = Instant.now
        let deadline = start + timeout
        do throws(RedisError) {
            return try await connection.perform(command, by: start + firstTry)
        } catch {
            guard error.isTransient, .now < deadline else { throw error.withAdvice }
            do throws(RedisError) {
                return try await connection.perform(command, by: deadline)
            } catch let last {
                // The first try may have been executed though the last was not.
                throw RedisError(
                    last.reason,
                    mayHaveBeenExecuted: error.mayHaveBeenExecuted || last.mayHaveBeenExecuted
                )
            }
        }
    }

    /// Closes the connections. Whoever waits for an answer is told, and so is whoever asks later.
    func close() async {
        await watch?.close()
        await connection.close()
        await durable?.close()
    }
}

extension RedisError {
    /// The same, with what to do about it where one server turns out to be of a cluster.
    fileprivate var withAdvice: RedisError {
        guard case .refused(let error) = reason, ["MOVED", "ASK"].contains(error.code) else { return self }
        let cause = "the server is one of a cluster; write redis+cluster:// in place of redis://"
        return RedisError(.unavailable(cause), mayHaveBeenExecuted: false)
    }
}
