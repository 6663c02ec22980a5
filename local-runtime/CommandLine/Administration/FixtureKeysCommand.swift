import FunctionCore
import FunctionEventLoop
import LocalRuntimeConsole
import StreamTokens

/// `local-runtime keys fixture`
struct FixtureKeysCommand: WrittenCommand {
    static let syntax = CommandSyntax(
        name: ["keys", "fixture"],
        summary: "Make well-formed keys and tokens to write fixtures with",
        details: """
            Prints random keys, then tokens, one per line. All have the same tag, as the keys
            and tokens of an organization do. --json prints them in the form of an organization
            in a fixture's "given":
            {"keys": [{"secret": "sk_…"}], "tokens": [{"token": "pub_tok_…"}]}
            They are in no store, so they are of use in fixtures only.
            """,
        options: [
            .init(name: "--keys", value: "N", summary: "How many keys, 0 to 1000 (default 1)"),
            .init(name: "--tokens", value: "N", summary: "How many tokens, 0 to 1000 (default 1)"),
            .init(name: "--tag", value: "TAG", summary: "Their tag, 6 letters and digits (default random)"),
            Record.jsonOption,
        ]
    )

    private static let counts = 0...1000

    private let keyCount: Int
    private let tokenCount: Int
    private let tag: Tag?
    private let asJSON: Bool

    init(_ arguments: Arguments) throws(CommandFailure) {
        try arguments.refuseOperands()
        keyCount = try arguments.integer("--keys", in: Self.counts) ?? 1
        tokenCount = try arguments.integer("--tokens", in: Self.counts) ?? 1
        tag = arguments["--tag"].flatMap { Tag($0) }
        if let text = arguments["--tag"], tag == nil {
            throw .usage("--tag must be 6 letters and digits, such as Fixed1, not \"\(text)\"")
        }
        asJSON = arguments.isSet("--json")
    }

    func run(_ console: Console, on loop: EventLoop) -> ExitCode {
        let bits: RandomBits = { .random(in: 0 ... .max) }
        let tag = tag ?? Tag.random(bits)
        let keys = (0..<keyCount).map { _ in APIKey.random(tag: tag, bits).text }
        let tokens = (0..<tokenCount).map { _ in StreamToken.random(tag: tag, bits).text }
        guard asJSON else {
            for text in keys + tokens { console.output.line(text) }
            return .success
        }
        func list(_ name: String, _ texts: [String]) -> JSON {
            .array(texts.map { .object([.init(name: name, value: .string($0))]) })
        }
        let json = JSON.object([
            .init(name: "keys", value: list("secret", keys)), .init(name: "tokens", value: list("token", tokens)),
        ])
        console.output.line(json.description)
        return .success
    }
}
