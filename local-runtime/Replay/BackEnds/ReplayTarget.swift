package import FunctionEventLoop
package import FunctionTesting
package import LocalRuntimeConsole

/// Where to run a replay's fixtures, from the command line.
package enum ReplayTarget: Sendable {
    case inProcess([ReplayContract])
    /// With the executables in a folder.
    case binary(folder: String)
    case deployed(FunctionAddresses)

    package static let options: [CommandSyntax.Option] = [
        ReplayContract.option,
        .init(
            name: "--binary",
            value: "FOLDER",
            default: Binaries.defaultFolder,
            summary: "Run the executables token and stream in \(Binaries.defaultFolder) or FOLDER"
        ),
        .init(
            name: "--url",
            value: "URL",
            summary: "Call the functions at URL; or --url token=URL --url stream=URL",
            isRepeatable: true
        ),
    ]

    package init(_ arguments: Arguments) throws(CommandFailure) {
        let chosen = Self.options.map(\.name).filter(arguments.isSet)
        guard chosen.count < 2 else { throw .usage("\(chosen.joined(separator: " and ")) exclude each other") }
        if let folder = arguments["--binary"] {
            guard arguments.isSet("--redis") else {
                throw .usage("--binary needs a Redis server for the functions to use: --redis URL")
            }
            self = .binary(folder: folder)
        } else if arguments.isSet("--url") {
            self = .deployed(try FunctionAddresses(arguments.all("--url")))
        } else {
            self = .inProcess(try ReplayContract.named(arguments.all("--contract")))
        }
    }

    /// Whether it is in this process and by a single contract.
    package var isOneInProcess: Bool {
        if case .inProcess(let contracts) = self { return contracts.count == 1 }
        return false
    }

    package func backEnds(
        _ store: LocalStore,
        environment: [String: String],
        on loop: EventLoop
    ) throws(CommandFailure) -> [any BackEnd] {
        switch self {
        case .inProcess(let contracts):
            return contracts.map { InProcess(contract: $0, store: store, loop: loop) }
        case .binary(let folder):
            guard let redis = store.redis else { throw .usage("--binary needs --redis URL") }
            let binaries = try Binaries(in: folder)
            do throws(SystemError) {
                return [try BinaryBackEnd(binaries, store, redis, on: loop)]
            } catch {
                throw .couldNotRun("no process can be started: \(error)")
            }
        case .deployed(let addresses):
            let shared = store.redis == nil ? nil : store
            return [try DeployedBackEnd(addresses, shared, environment: environment, on: loop)]
        }
    }
}
