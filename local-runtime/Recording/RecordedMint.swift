import FunctionCore
import LocalRuntimeFixtures
import StreamTokens

/// A mint that a stream may come to need.
struct RecordedMint: Sendable {
    /// In seconds.
    let ttl: Int
    let event: JSON
    let expectation: [JSON.Member]
    /// The key that it was made with, as fixtures give it.
    let key: JSON?
}

/// The latest mints, by their tokens.
struct RecordedMints: Sendable {
    /// As many as are kept.
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
    /// The token that was spent, and its mint if that is among `mints`.
    func spent(_ mints: RecordedMints) -> (token: StreamToken, mint: RecordedMint)? {
        guard isSpent, case .reserved(let token, _)? = storeEvents.first, let mint = mints[token] else { return nil }
        return (token, mint)
    }
}
