import EventLoop
import Function
import FunctionRuntime
import Redis
import RedisTokenStore
import Tokens

/// Where `serve` keeps its tokens.
struct LocalStore: Sendable, CustomStringConvertible {
    private enum Storage: Sendable {
        case memory(MemoryTokenStore)
        /// The store is for what is done on the command's own loop; each of the server's loops has its own connection.
        case redis(RedisLocation.Server, RedisTokenStore)
    }

    private let storage: Storage

    /// The store in memory, or the one in a Redis server, which has to answer.
    init(_ server: RedisLocation.Server?, on loop: EventLoop) async throws(CommandFailure) {
        guard let server else {
            storage = .memory(MemoryTokenStore { WallClock.milliseconds })
            return
        }
        let store = RedisTokenStore(client: server.client(on: loop))
        do throws(StoreError) {
            try await store.ping()
        } catch {
            throw .couldNotRun("\(server.url): \(error)")
        }
        storage = .redis(server, store)
    }

    /// `in memory`, `in redis://…`
    var description: String {
        switch storage {
        case .memory: "in memory"
        case .redis(let server, _): "in \(server.url)"
        }
    }

    /// The store as a function on the context's loop uses it.
    func store(for context: LoopContext) -> any TokenStore {
        switch storage {
        case .memory(let store): store
        case .redis(let server, _):
            RedisTokenStore(
                client: server.client(on: context.loop, timeout: .seconds(1), looksAtSettings: context.index == 0) {
                    [log = context.log] cause in
                    log.write(.warning, "redis") { $0.member("cause", cause) }
                }
            )
        }
    }

    /// The store as it is administered, from the loop that it was made on.
    var administration: any Administration & TokenStore {
        switch storage {
        case .memory(let store): store
        case .redis(_, let store): store
        }
    }

    /// A new key's secret, of the organization `demo`.
    func makeDemoKey() async throws(CommandFailure) -> String {
        do throws(StoreError) {
            return try await administration.makeKey(of: "demo", .standard).secret
        } catch {
            throw .couldNotRun("\(self): \(error)")
        }
    }
}
