import FunctionEventLoop
import FunctionTesting
import LocalRuntimeConsole

/// `local-runtime explain`
struct ExplainCommand: WrittenCommand {
    static let syntax = CommandSyntax(
        name: ["explain"],
        operands: EventInput.operand,
        summary: "Say how an event is understood, and what is answered in the platform's form",
        details: """
            \(EventInput.help)

            It says which kind of event it is and which members tell, the request that comes
            of it, which function answers, and the answer as the event's platform is given it.
            Keys and tokens are cut after their tag. The function has a store in memory that
            holds what NAME.expect.json gives, if that is there.
            """
    )

    private let event: String

    init(_ arguments: Arguments) throws(CommandFailure) {
        event = try arguments.operand(EventInput.operand)
    }

    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode {
        let input = try EventInput(event, console)
        let functions = try await LocalFunctions(given: input, on: loop) { _ in }
        let explanation = try await Explanation(of: input, functions)
        console.output.text(explanation.text)
        return .success
    }
}
