public import FunctionRedis
import StreamTokens

/// A store on Redis, which does what ``MemoryTokenStore`` does: each operation is one script, one round trip. Names,
/// records and the clock are described in ARCHITECTURE.md.
public struct RedisTokenStore: Sendable {
    let client: RedisClient
    let clock: StoreClock
    /// Whether scripts only rehearse, as for ``rehearse(_:)``.
    var isRehearsal = false

    /// `clockOffset`, in milliseconds, moves the time that lifetimes and limits go by; production leaves it 0.
    public init(client: RedisClient, clockOffset: Int = 0) {
        self.client = client
        clock = .offset(clockOffset)
    }

    /// For tests: time stands where `clock` says, in milliseconds since 1970.
    package init(client: RedisClient, clock: @escaping @Sendable () -> Int) {
        self.client = client
        self.clock = .pinned(clock)
    }

    /// What is run for `script`.
    func script(_ script: RedisScript) -> RedisScript {
        isRehearsal ? Scripts.rehearsal(of: script) : script
    }

    /// Has a command carried out and makes something of its reply; `isDurable` if a failover must not undo it.
    func perform<Answer>(
        _ command: RedisCommand,
        isDurable: Bool = false,
        _ read: (RedisReply) -> Answer?
    ) async throws(StoreError) -> Answer {
        let reply: RedisReply
        do throws(RedisError) {
            reply = try await client.perform(command, isDurable: isDurable)
        } catch {
            throw StoreError(error.description, mayHaveBeenExecuted: error.mayHaveBeenExecuted)
        }
        guard let answer = read(reply) else {
            throw StoreError("Redis: an answer that was not expected", mayHaveBeenExecuted: true)
        }
        return answer
    }
}

/// What tells a script the time.
enum StoreClock: Sendable {
    /// Redis' own clock and so many milliseconds.
    case offset(Int)
    /// A clock of the test's, in milliseconds since 1970: two stores that are compared must see the same time.
    case pinned(@Sendable () -> Int)
}
