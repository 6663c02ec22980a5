import FoundationEssentials
import FunctionEventLoop
import LocalRuntimeConsole

/// `local-runtime new`
struct NewCommand: WrittenCommand {
    static let syntax = CommandSyntax(
        name: ["new"],
        operands: "NAME METHOD PATH",
        summary: "Add a function to this package",
        details: """
            For example: local-runtime new hello GET /api/v1/hello

            Run it in the folder of Package.swift. It makes the handler, the executable, tests
            and two fixtures with their expectations, and adds the targets to Package.swift, the
            function to openapi.json, and the function to those that the local runtime serves
            and replays. It prints the path of each file that it made or changed. The new
            function builds and passes its tests; the handler is yours to change.
            If anything is in the way, nothing is written.
            """
    )

    private let function: NewFunction

    init(_ arguments: Arguments) throws(CommandFailure) {
        guard arguments.operands.count == 3 else {
            throw .usage("give NAME, METHOD and PATH, such as hello GET /api/v1/hello")
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
