import FunctionEventLoop
import StreamTokens

/// Tags chosen by a test, in order.
struct ScriptedTags: Sendable {
    private let tags: Lock<[Tag]>

    init(_ tags: [Tag]) {
        self.tags = Lock(tags)
    }

    func next() -> Tag {
        tags.withLock { $0.removeFirst() }
    }
}
