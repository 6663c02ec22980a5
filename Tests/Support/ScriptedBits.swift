import FunctionEventLoop
public import StreamTokens

/// Random words chosen by a test, in order.
public struct ScriptedBits: Sendable {
    private let words: Lock<[UInt64]>

    public init(_ words: [UInt64]) {
        self.words = Lock(words)
    }

    public var next: RandomBits {
        let words = words
        return { words.withLock { $0.removeFirst() } }
    }

    public var isUsedUp: Bool { words.withLock { $0.isEmpty } }
}
