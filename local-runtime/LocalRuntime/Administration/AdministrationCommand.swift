import EventLoop

/// A command that works on a store's organizations, keys and tokens.
protocol AdministrationCommand: Command {
    typealias Store = LocalStore.Base

    var redis: RedisLocation { get }

    func run(_ console: Console, on store: any Store) async throws -> ExitCode
}

extension AdministrationCommand {
    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode {
        let store = LocalStore(try redis.server(console), on: loop)
        do {
            let code = try await run(console, on: store.administration)
            await store.close()
            return code
        } catch {
            await store.close()
            throw (error as? CommandFailure) ?? store.failure(error)
        }
    }
}
