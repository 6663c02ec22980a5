import FunctionEventLoop
import StreamTokens

/// Tags that a test has chosen, in order.
struct ScriptedTags: Sendable {
    private let tags: Lock<[Tag]>

    init(_ tags: [Tag]) {
        self.tags = Lock(tags)
    }

    func next() -> Tag {
        tags.withLock { $0.removeFirst() }
    }
}
