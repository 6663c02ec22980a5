import Foundation
import FunctionEventLoop
import FunctionTesting
import Glibc
import LocalRuntimeConsole

extension Commands {
    /// Does what the process' arguments ask for, and exits.
    public static func main() -> Never {
        // A reader that goes away is an error of the write, and no reason to die.
        signal(SIGPIPE, SIG_IGN)
        let words = Array(CommandLine.arguments.dropFirst())
        let console = Console.standard(environment: ProcessInfo.processInfo.environment)
        do {
            let loop = try EventLoop()
            loop.start { exit(await run(words, console, on: loop).rawValue) }
            loop.run()
            // The task above ends the process before the loop ends.
            exit(ExitCode.couldNotRun.rawValue)
        } catch {
            console.messages.line("local-runtime: \(error)")
            exit(ExitCode.couldNotRun.rawValue)
        }
    }

    /// Does what `words` ask for, on `loop`, which runs on the caller's thread.
    static func run(_ words: [String], _ console: Console, on loop: EventLoop) async -> ExitCode {
        do throws(CommandFailure) {
            switch try Invocation(words) {
            case .print(let text):
                console.output.text(text)
                return .success
            case .run(let command):
                return try await command.run(console, on: loop)
            }
        } catch {
            console.messages.line("local-runtime: \(Secrets.masked(error.message))")
            return error.exitCode
        }
    }
}
