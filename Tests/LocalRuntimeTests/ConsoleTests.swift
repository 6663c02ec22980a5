import Glibc
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeConsole

@Suite("The console")
struct ConsoleTests {
    @Test(
        "keys and tokens are cut after their tag",
        arguments: [
            ("sk_Fixed1theOnlySecretOfAFixtureNumber13PezG0", "sk_Fixed1…"),
            (
                #"{"token":"pub_tok_Fixed1theOnlySecretOfAFixtureNumber12vw6Es","ttl":60}"#,
                #"{"token":"pub_tok_Fixed1…","ttl":60}"#
            ),
            (
                "Bearer%20sk_Fixed1theOnlySecretOfAFixtureNumber13PezG0&sk_Fixed1theOnlySecret",
                "Bearer%20sk_Fixed1…&sk_Fixed1…"
            ),
            ("sk_short risk_free pub_tok_ sk_", "sk_short risk_free pub_tok_ sk_"), ("", ""), ("plain", "plain"),
        ]
    )
    func masks(text: String, masked: String) {
        #expect(Secrets.masked(text) == masked)
    }

    @Test("a table is aligned under its header for a person, and separated by tabs without a header for a program")
    func table() {
        let table = Table(header: ["NAME", "N"], rows: [["a", "1"], ["longer", ""]])
        let person = CapturedConsole(isTerminal: true)
        table.print(to: person.console.output)
        #expect(person.output == "NAME    N\na       1\nlonger\n")
        let program = CapturedConsole()
        table.print(to: program.console.output)
        #expect(program.output == "a\t1\nlonger\t\n")
    }

    @Test("only a terminal that allows colors gets them")
    func colors() {
        #expect(Output(isTerminal: true, usesColor: true) { _ in }.colored("a", .red) == "\u{1B}[31ma\u{1B}[0m")
        #expect(Output(isTerminal: true, usesColor: false) { _ in }.colored("a", .red) == "a")
    }

    @Test("writing without a reader is not an error")
    func brokenPipe() {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        let output = Output(descriptor: ends[1], allowsColor: true)
        output.line("nobody reads this")
        #expect(!output.isTerminal && !output.usesColor)
        close(ends[1])
    }
}
