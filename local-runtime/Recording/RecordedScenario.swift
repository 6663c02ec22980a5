import FunctionCore
import LocalRuntimeFixtures

/// A stream together with the mint of its token.
enum RecordedScenario {
    /// `token` is what stands for the stream's token in `event` and `expectation`.
    static func json(
        mint: RecordedMint,
        given: RecordedGiven,
        token: String,
        event: JSON,
        expectation: [JSON.Member]
    ) -> JSON {
        var given = given
        given.key = mint.key
        given.token = nil
        // The token has another name each time.
        given.tokenState = nil
        let stream = expectation + (given.store.map { [.init(name: "store", value: $0)] } ?? [])
        return .object([
            "given": given.json,
            "steps": .array([
                .object([
                    "name": .string("mint"),
                    "event": mint.event.mapTexts { .string(escaped($0)) },
                    "expect": JSON.object(mint.expectation).mapTexts { .string(escaped($0)) },
                ]),
                .object([
                    "event": event.mapTexts { .string(captured($0, token)) },
                    "expect": JSON.object(stream).mapTexts { .string(captured($0, token)) },
                ]),
            ]),
        ])
    }

    private static func captured(_ text: String, _ token: String) -> String {
        escaped(text).replacing(token, with: "${mint.body.token}")
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("${", with: "$${")
    }
}
