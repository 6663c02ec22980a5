import FunctionEventLoop
import FunctionPlatforms
import Glibc
import LocalRuntimeConsole
import LocalRuntimeLambda

/// `local-runtime lambda`
struct LambdaCommand: WrittenCommand {
    static let syntax = CommandSyntax(
        name: ["lambda"],
        operands: "BINARY",
        summary: "Run a Lambda function's bootstrap in an emulator of Lambda",
        details: """
            BINARY is the bootstrap of a zip or the entry point of an image: any program that
            uses the Runtime API. The port serves the function as a function URL does, and
            Lambda's own invoke calls, as AWS' SDKs make them:

              POST /2015-03-31/functions/NAME/invocations
              POST /2021-11-15/functions/NAME/response-streaming-invocations

            NAME may also be an ARN, with $LATEST as the version. Requests from pages of other
            sites, and requests to host names that are not this machine's own, are refused.

            An environment is started when none is idle, and frozen (SIGSTOP) between
            invocations. The function's output and Lambda's lines (START, END, REPORT) go to
            standard error. The function gets this command's environment without AWS_*, and the
            variables that Lambda sets. Memory is measured, not limited. Ctrl-C ends it.
            """,
        options: [
            .init(name: "--host", value: "HOST", summary: "The IP address to listen on (default 127.0.0.1)"),
            .init(name: "--port", value: "N", summary: "The port (default 3001); 0 picks a free one"),
            .repeatable("--allow-host", "HOST", "Accept requests to this host name, too"),
            .repeatable("--allow-origin", "ORIGIN", "Let pages of this origin call the function"),
            .init(name: "--v1", summary: "Act as a REST API instead of a function URL"),
            .init(name: "--alb", summary: "Act as a load balancer"),
            .init(name: "--alb-multi", summary: "Act as a load balancer with multi-value headers"),
            .init(name: "--name", value: "NAME", summary: "The function's name (default function)"),
            .repeatable("--env", "NAME=VALUE", "Set a variable of the function"),
            .init(name: "--timeout", value: "SECONDS", summary: "The timeout of an invocation, up to 900 (default 3)"),
            .init(name: "--memory", value: "MB", summary: "The memory size that the function is told (default 128)"),
            .init(
                name: "--concurrency",
                value: "N",
                summary: "The maximum of environments (default 10); more invocations get 429"
            ),
            .init(
                name: "--max-concurrency",
                value: "N",
                summary: "Invocations at once per environment, as on Managed Instances (default 1)"
            ),
            .init(name: "--no-freeze", summary: "Let processes run between invocations"),
        ]
    )

    private let binary: String
    private let host: String
    private let port: Int
    private let access: LambdaAccess
    private let front: PlatformEvent.Kind
    private let settings: LambdaSettings

    init(_ arguments: Arguments) throws(CommandFailure) {
        binary = try arguments.operand("BINARY")
        host = try arguments.host()
        port = try arguments.integer("--port", in: 0...65_535) ?? 3001
        var hosts = try arguments.allowedHosts()
        // The address that the greeting prints. It is safe to allow: DNS rebinding needs a name.
        let address = SocketAddress(ip: host, port: 0)?.reachable
        if let own = address.flatMap({ HostName(authority: $0) }) { hosts.append(own) }
        access = LambdaAccess(allowing: hosts, origins: try arguments.allowedOrigins())
        front = try Self.front(arguments)
        var settings = LambdaSettings()
        if let name = arguments["--name"] {
            guard name.wholeMatch(of: /[a-zA-Z0-9_-]{1,64}/) != nil else {
                throw .usage("--name must have 1 to 64 letters, digits, - and _, not \"\(name)\"")
            }
            settings.name = name
        }
        settings.variables = try Self.variables(arguments.all("--env"))
        settings.timeout = try arguments.integer("--timeout", in: 1...900).map { .seconds($0) } ?? settings.timeout
        settings.memorySize = try arguments.integer("--memory", in: 128...10_240) ?? settings.memorySize
        settings.concurrency = try arguments.integer("--concurrency", in: 1...1000) ?? settings.concurrency
        settings.slots = try arguments.integer("--max-concurrency", in: 1...1000) ?? settings.slots
        settings.freezes = !arguments.isSet("--no-freeze")
        self.settings = settings
    }

    private static func front(_ arguments: Arguments) throws(CommandFailure) -> PlatformEvent.Kind {
        let chosen = PlatformEvent.Kind.allCases.filter { $0 != .gatewayV2 && arguments.isSet("--\($0.rawValue)") }
        guard chosen.count < 2 else {
            throw .usage("\(chosen.map { "--\($0.rawValue)" }.joined(separator: " and ")) exclude each other")
        }
        return chosen.first ?? .gatewayV2
    }

    private static func variables(_ texts: [String]) throws(CommandFailure) -> [String: String] {
        var variables: [String: String] = [:]
        for text in texts {
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
                // Does not quote the text, which may be a secret.
                throw .usage("--env needs a name and a value: --env NAME=VALUE")
            }
            let name = String(text[..<equals])
            guard !LambdaSettings.isReserved(name) else { throw .usage("--env \(name) is set by Lambda itself") }
            variables[name] = String(text[text.index(after: equals)...])
        }
        return variables
    }

    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode {
        Interruption.block()
        let bootstrap = try Bootstrap(binary)
        var settings = settings
        settings.variables = console.environment.filter { !LambdaSettings.isWithheld($0.key) }
            .merging(settings.variables) { $1 }
        let log = BufferedLog(descriptor: STDERR_FILENO, on: loop)
        let emulator = try LambdaEmulator(
            bootstrap,
            settings,
            front: front,
            host: host,
            port: port,
            log: log.output,
            functionLog: log.output,
            logHasRoom: { log.hasRoom },
            access: access,
            on: loop
        )
        let greeting = LambdaGreeting(
            bootstrap: bootstrap.name,
            settings: settings,
            url: "http://\(emulator.address.reachable)"
        )
        console.output.text(greeting.text)
        await Interruption.wait(on: loop)
        await emulator.stop()
        await log.flush(within: .seconds(1))
        return .success
    }
}
