import FoundationEssentials
import FunctionEventLoop
import LocalRuntimeConsole

/// `local-runtime new`
struct NewCommand: WrittenCommand {
    static let syntax = CommandSyntax(
        name: ["new"],
        operands: "NAME METHOD PATH",
        summary: "Make another function in this package",
        details: """
            For example: local-runtime new hello GET /api/v1/hello

            Run it where Package.swift lies. It makes the handler, its executable, tests, two
            fixtures with their expectations, the targets in Package.swift, its part of
            openapi.json, and the line by which the local runtime serves and replays it; it
            prints each file that it made or changed. All of it builds and passes at once, and
            the handler is yours to change.
            If anything is in the way, nothing is written.
            """
    )

    private let function: NewFunction

    init(_ arguments: Arguments) throws(CommandFailure) {
        guard arguments.operands.count == 3 else {
            throw .usage("NAME, METHOD and PATH are wanted, such as hello GET /api/v1/hello")
        }
        function = try NewFunction(
            name: arguments.operands[0],
            method: arguments.operands[1],
            path: arguments.operands[2]
        )
    }

    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode {
        let scaffold = try Scaffold(function, in: FileManager.default.currentDirectoryPath)
        try scaffold.write()
        for file in scaffold.created + scaffold.changed { console.output.line(file.path) }
        console.messages.text(
            """

            Next:
              script/build \(function.name) local-runtime
              .build/functions/local-runtime replay events/\(function.name)
              swift test --filter \(function.type)Tests

            """
        )
        return .success
    }
}
