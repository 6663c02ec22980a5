import FunctionEventLoop

/// A client of one server, or of the primary behind sentinels, with one connection that all callers on a loop share.
struct PrimaryClient: Sendable {
    private let connection: RedisConnection
    /// The connection for commands that must outlast a failover: it waits for replicas. Nil if none are required.
    private let durable: RedisConnection?
    private let watch: SentinelWatch?
    private let timeout: Interval

    init(_ url: RedisURL, on loop: EventLoop, _ settings: ClientSettings) {
        var watch: SentinelWatch?
        if case .sentinel(let name) = url.topology { watch = SentinelWatch(url, name, on: loop, settings) }
        let whenLost: @Sendable () -> Void = { [watch] in watch?.assumeIsolated { $0.connectionLost() } }
        let connection = RedisConnection(url, on: loop, settings.plain, whenLost: whenLost)
        var durable: RedisConnection?
        if settings.replicas > 0 { durable = RedisConnection(url, on: loop, settings.durable, whenLost: whenLost) }
        self.connection = connection
        self.durable = durable
        self.watch = watch
        timeout = settings.timeout
        loop.start { [watch, durable] in
            await connection.begin()
            await watch?.begin(for: [connection, durable].compactMap(\.self))
        }
    }

    /// Executes `command`, and repeats it once if no reply came or the server rejects writes. If `isDurable`, the
    /// replicas must have the write before this returns. They may take most of the time, so the command is then
    /// repeated only if the connection is lost.
    func perform(_ command: RedisCommand, isDurable: Bool) async throws(RedisError) -> RedisReply {
        var connection = connection
        var firstTry = timeout / 2
        if isDurable, let durable {
            connection = durable
            firstTry = timeout
            await durable.begin()
        }
        let start = Instant.now
        let deadline = start + timeout
        do throws(RedisError) {
            return try await connection.perform(command, by: start + firstTry)
        } catch {
            guard error.isTransient || error.isReadOnly, .now < deadline else { throw error.withAdvice }
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

    /// Closes the connections. Waiting commands fail, and so do later ones.
    func close() async {
        await watch?.close()
        await connection.close()
        await durable?.close()
    }
}

extension RedisError {
    /// The same error, with advice if a single server turns out to belong to a cluster.
    fileprivate var withAdvice: RedisError {
        guard case .refused(let error) = reason, error.isRedirection else { return self }
        return RedisError(.unavailable(RedisServerError.adviceOnCluster), mayHaveBeenExecuted: false)
    }
}
