import FunctionCore
import LocalRuntimeFixtures
import StreamTokens

/// A stream together with the mint of its token.
enum RecordedScenario {
    /// `token` is the placeholder of the stream's token in `event` and `expectation`.
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
        // The token differs each time.
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

/// A mint that a later stream may need.
struct RecordedMint: Sendable {
    /// In seconds.
    let ttl: Int
    let event: JSON
    let expectation: [JSON.Member]
    /// The key that minted the token, as fixtures give it.
    let key: JSON?
}

/// The latest mints, by their tokens.
struct RecordedMints: Sendable {
    private static let capacity = 1000

    private var mints: [StreamToken: RecordedMint] = [:]
    private var order: [StreamToken] = []

    subscript(_ token: StreamToken) -> RecordedMint? { mints[token] }

    mutating func add(_ mint: RecordedMint, of token: StreamToken) {
        if order.count == Self.capacity { mints[order.removeFirst()] = nil }
        order.append(token)
        mints[token] = mint
    }
}

extension RecordedCall.Content {
    /// The token that the call used, and its mint; nil if the call used none or `mints` does not have it.
    func usedToken(from mints: RecordedMints) -> (token: StreamToken, mint: RecordedMint)? {
        guard isUsed, case .reserved(let token, _)? = storeEvents.first, let mint = mints[token] else { return nil }
        return (token, mint)
    }
}
