public import EventLoop

/// Has commands executed by a Redis server, over one connection that all callers on a loop share.
///
/// The connection is made at once, kept, and made anew when it is lost. Cancellation of the caller's task changes
/// nothing: a command that is on its way cannot be called back.
public struct RedisClient: Sendable {
    private let connection: RedisConnection
    private let timeout: Interval

    /// Connects to the server at `url`. `timeout` bounds every operation, repetition included. `log` is told when the
    /// connection is lost and found again, and once of settings of the server that may lose data; of several clients of
    /// one server, let one look at the settings.
    public init(
        _ url: RedisURL,
        on loop: EventLoop,
        timeout: Interval = .seconds(1),
        looksAtSettings: Bool = true,
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        let connection = RedisConnection(url, on: loop, timeout: timeout, looksAtSettings: looksAtSettings, log: log)
        self.connection = connection
        self.timeout = timeout
        loop.start { await connection.run() }
    }

    /// Has `command` executed and answers its reply, which is no error.
    ///
    /// It is repeated once, within the timeout, when the connection is lost or the answer has not come after half the
    /// time. So it may be executed twice: it must be one that then gives the same answer and changes nothing further.
    public func perform(_ command: RedisCommand) async throws(RedisError) -> RedisReply {
        let start = Instant.now
        do throws(RedisError) {
            return try await connection.perform(command, by: start + timeout / 2)
        } catch {
            guard error.isTransient else { throw error }
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

    /// Closes the connection. Whoever waits for an answer is told, and so is whoever asks later.
    public func close() async {
        await connection.close()
    }
}
