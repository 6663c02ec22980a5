public import FunctionRedis
import StreamTokens

/// A store on Redis that does the same as ``MemoryTokenStore``: each operation is one script and one round trip.
/// ARCHITECTURE.md describes names, records and the clock.
public struct RedisTokenStore: Sendable {
    let client: RedisClient
    let clock: StoreClock
    /// The most mints that one command does.
    let groupLimit: Int
    /// Whether scripts run only as rehearsals (``rehearse(_:)``).
    var isRehearsal = false

    /// How many mints for one key a command may do.
    public static let groupLimits = 1...16

    /// `clockOffset`, in milliseconds, shifts the time for lifetimes and limits; it is 0 in production.
    ///
    /// Mints for one key that a turn of the client's loop brings are sent as one command, up to `groupLimit` of them:
    /// that costs Redis less, and changes no outcome. Stops the program if the limit is not in ``groupLimits``.
    public init(client: RedisClient, clockOffset: Int = 0, groupLimit: Int = groupLimits.upperBound) {
        self.init(client, .offset(clockOffset), groupLimit: groupLimit)
    }

    /// For tests: `clock` returns the time, in milliseconds since 1970.
    package init(client: RedisClient, clock: @escaping @Sendable () -> Int) {
        self.init(client, .pinned(clock), groupLimit: Self.groupLimits.upperBound)
    }

    private init(_ client: RedisClient, _ clock: StoreClock, groupLimit: Int) {
        precondition(Self.groupLimits.contains(groupLimit), "no such limit of groups: \(groupLimit)")
        self.client = client
        self.clock = clock
        self.groupLimit = groupLimit
    }

    /// The script to run for `script`.
    func script(_ script: RedisScript) -> RedisScript {
        isRehearsal ? Scripts.rehearsal(of: script) : script
    }

    /// Executes a command and reads its reply; `isDurable` if a failover must not undo it.
    func perform<Value>(
        _ command: RedisCommand,
        isDurable: Bool = false,
        _ read: (RedisReply) -> Value?
    ) async throws(StoreError) -> Value {
        let reply: RedisReply
        do throws(RedisError) {
            reply = try await client.perform(command, isDurable: isDurable)
        } catch {
            throw StoreError(error.description, mayHaveBeenExecuted: error.mayHaveBeenExecuted)
        }
        guard let value = read(reply) else {
            throw StoreError("Redis: an unexpected reply", mayHaveBeenExecuted: true)
        }
        return value
    }
}

/// The time that a script uses.
enum StoreClock: Sendable {
    /// Redis' own clock plus this many milliseconds.
    case offset(Int)
    /// A test's clock, in milliseconds since 1970: two stores under comparison must see the same time.
    case pinned(@Sendable () -> Int)
}
