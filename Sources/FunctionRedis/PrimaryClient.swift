import FunctionEventLoop

/// One server, or the one master behind sentinels, over one connection that all callers on a loop share.
struct PrimaryClient: Sendable {
    private let connection: RedisConnection
    /// What is to outlast a failover goes over this one, as it waits for replicas; nil if nothing has to.
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

    /// Has `command` executed, and repeated once if it was not answered for another reason than an error; durably if
    /// replicas are to have it before it is answered. They take their time: then it is repeated only if the connection is
    /// lost.
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
        guard case .refused(let error) = reason, error.isRedirection else { return self }
        return RedisError(.unavailable(RedisServerError.adviceOnCluster), mayHaveBeenExecuted: false)
    }
}
