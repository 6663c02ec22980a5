public import EventLoop

/// Has commands executed by Redis, over one connection to each server that all callers on a loop share.
///
/// Connections are made at once, kept, and made anew when they are lost. Cancellation of the caller's task changes
/// nothing: a command that is on its way cannot be called back.
public struct RedisClient: Sendable {
    private let servers: Servers
    private let timeout: Interval

    private enum Servers: Sendable {
        case one(RedisConnection)
        case cluster(RedisCluster)
    }

    /// Connects to the servers at `url`. `timeout` bounds every operation, repetition included. `log` is told when a
    /// connection is lost and found again, and once of settings of a server that may lose data; of several clients of
    /// the same servers, let one look at the settings.
    public init(
        _ url: RedisURL,
        on loop: EventLoop,
        timeout: Interval = .seconds(1),
        looksAtSettings: Bool = true,
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.timeout = timeout
        switch url.topology {
        case .server, .sentinel:
            let connection = RedisConnection(
                url,
                on: loop,
                timeout: timeout,
                looksAtSettings: looksAtSettings,
                log: log
            )
            servers = .one(connection)
            loop.start { await connection.run() }
        case .cluster:
            let cluster = RedisCluster(url, on: loop, timeout: timeout, looksAtSettings: looksAtSettings, log: log)
            servers = .cluster(cluster)
            loop.start { await cluster.lookAround() }
        }
    }

    /// Has `command` executed and answers its reply, which is no error.
    ///
    /// It is repeated once, within the timeout, when the connection is lost or the answer has not come after half the
    /// time. So it may be executed twice: it must be one that then gives the same answer and changes nothing further.
    public func perform(_ command: RedisCommand) async throws(RedisError) -> RedisReply {
        switch servers {
        case .one(let connection): return try await perform(command, over: connection)
        case .cluster(let cluster): return try await cluster.perform(command, by: .now + timeout)
        }
    }

    private func perform(
        _ command: RedisCommand,
        over connection: RedisConnection
    ) async throws(RedisError) -> RedisReply {
        let start = Instant.now
        do throws(RedisError) {
            return try await connection.perform(command, by: start + timeout / 2)
        } catch {
            guard error.isTransient else { throw error.withAdvice }
            do throws(RedisError) {
                return try await connection.perform(command, by: start + timeout)
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
    public func close() async {
        switch servers {
        case .one(let connection): await connection.close()
        case .cluster(let cluster): await cluster.close()
        }
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
