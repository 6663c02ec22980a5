import EventLoop
import Redis
import RedisTokenStore
import Tokens

/// A command that works on a store's organizations, keys and tokens.
protocol AdministrationCommand: Command {
    typealias Store = Administration & TokenStore

    var redis: RedisLocation { get }

    func run(_ console: Console, on store: any Store) async throws -> ExitCode
}

extension AdministrationCommand {
    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode {
        let server = try redis.server(console)
        let client = server.client(on: loop)
        do {
            let code = try await run(console, on: RedisTokenStore(client: client))
            await client.close()
            return code
        } catch {
            await client.close()
            throw (error as? CommandFailure) ?? .couldNotRun("\(server.url): \(error)")
        }
    }
}
