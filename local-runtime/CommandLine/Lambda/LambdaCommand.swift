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
        summary: "Run a Lambda function's bootstrap, and be Lambda to it",
        details: """
            BINARY is what a zip has as bootstrap, or an image as its entry point: any program
            that speaks the Runtime API. It is asked as a function URL would, on one port; the
            same port has Lambda's own calls, as the SDKs of AWS make them:

              POST /2015-03-31/functions/NAME/invocations
              POST /2021-11-15/functions/NAME/response-streaming-invocations

            NAME may also be an ARN, with $LATEST as the version. Requests of other sites' pages
            are refused, and those to other names than this machine's own.

            An environment is started when there is none free, and stopped (SIGSTOP) while it
            has nothing to do. The function's output and Lambda's lines (START, END, REPORT) go
            to standard error. The function gets this command's environment but for AWS_*, and
            what Lambda sets. Memory is measured, not limited. Ctrl-C ends it.
            """,
        options: [
            .init(name: "--host", value: "HOST", summary: "The IP address to listen on, 127.0.0.1 without it"),
            .init(name: "--port", value: "N", summary: "The port, 3001 without it; 0 picks a free one"),
            .repeatable("--allow-host", "HOST", "Answer at this name too"),
            .repeatable("--allow-origin", "ORIGIN", "Let pages of this origin ask the function"),
            .init(name: "--v1", summary: "Be a REST API in front, not a function URL"),
            .init(name: "--alb", summary: "Be a load balancer"),
            .init(name: "--alb-multi", summary: "Be a load balancer with multi-value headers"),
            .init(name: "--name", value: "NAME", summary: "What the function is called, \"function\" without it"),
            .repeatable("--env", "NAME=VALUE", "A variable of the function"),
            .init(name: "--timeout", value: "SECONDS", summary: "How long an invocation may take, 3 without it"),
            .init(name: "--memory", value: "MB", summary: "The memory that the function is told it has, 128"),
            .init(name: "--concurrency", value: "N", summary: "Environments at most, 10; then 429"),
            .init(
                name: "--max-concurrency",
                value: "N",
                summary: "Invocations at once in one environment, as on Managed Instances"
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
        // Where it is said to be reached. An address leads to nobody else's page, as a name may.
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
                // What was meant as a value may be a secret.
                throw .usage("--env needs a name and a value: --env NAME=VALUE")
            }
            let name = String(text[..<equals])
            guard !LambdaSettings.isReserved(name) else { throw .usage("--env \(name) is Lambda's to set") }
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
        let log = PatientLog(descriptor: STDERR_FILENO, on: loop)
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
