import CFunctionHiredis

/// Makes replies of what hiredis' reader finds, without hiredis' own reply objects in between.
///
/// The reader reports elements in the order of the bytes, so a stack of the arrays that are open is all it takes.
final class ReplyBuilder {
    private var openArrays: [OpenArray] = []
    private var finished: RedisReply?
    /// How many elements the reply under way has announced in all its arrays.
    private var announcedElements = 0
    /// Why a callback answered null, which the reader takes for a lack of memory.
    private(set) var refusal: RedisProtocolError?

    /// A status is a word or a few.
    private static let maxStatusLength = 512

    private struct OpenArray {
        let count: Int
        var elements: [RedisReply] = []
    }

    /// Hands out the reply that was completed.
    func take() -> RedisReply? {
        defer {
            finished = nil
            announcedElements = 0
        }
        return finished
    }

    private func add(_ reply: RedisReply) {
        var reply = reply
        while let top = openArrays.indices.last {
            openArrays[top].elements.append(reply)
            guard openArrays[top].elements.count == openArrays[top].count else { return }
            reply = .array(openArrays.removeLast().elements)
        }
        finished = reply
    }

    /// Takes a status, an error or a string of `count` bytes.
    private func add(_ type: Int32, _ start: UnsafeMutablePointer<CChar>, _ count: Int) {
        let bytes = UnsafeRawBufferPointer(start: start, count: count)
        switch type {
        case REDIS_REPLY_STATUS: add(.status(String(decoding: bytes.prefix(Self.maxStatusLength), as: UTF8.self)))
        case REDIS_REPLY_ERROR: add(.error(RedisServerError(bytes: bytes)))
        // A string is reported when the two bytes behind it have come too, which hiredis does not look at.
        case _ where start[count] == 0x0D && start[count + 1] == 0x0A: add(.string(Array(bytes)))
        default: refusal = .malformed("a string is not as long as announced")
        }
    }

    private func openArray(_ count: Int) {
        announcedElements += count
        guard announcedElements <= ReplyReader.maximumElements else {
            refusal = .tooManyElements
            return
        }
        guard count > 0 else { return add(.array([])) }
        var array = OpenArray(count: count)
        // Room for a usual reply only: to announce more costs the sender nothing.
        array.elements.reserveCapacity(min(count, 64))
        openArrays.append(array)
    }

    /// The functions that a reader calls; its `privdata` must be a builder that outlives it.
    ///
    /// Unsafe to the compiler for being a pointer; nobody writes to it after this, and it is never freed.
    nonisolated(unsafe) static let functions: UnsafeMutablePointer<redisReplyObjectFunctions> = {
        let functions = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        functions.initialize(
            to: redisReplyObjectFunctions(
                createString: { task, start, count in
                    // The reader never passes a string without its bytes.
                    report(task) { builder, type in builder.add(type, start!, count) }
                },
                createArray: { task, count in report(task) { builder, _ in builder.openArray(Int(count)) } },
                createInteger: { task, number in report(task) { builder, _ in builder.add(.integer(Int(number))) } },
                createNil: { task in report(task) { builder, _ in builder.add(.null) } },
                freeObject: { _ in }
            )
        )
        return functions
    }()

    /// Runs `action` with the task's builder. The reader takes any pointer for the object made, null for a failure.
    private static func report(
        _ task: UnsafePointer<redisReadTask>?,
        _ action: (ReplyBuilder, Int32) -> Void
    ) -> UnsafeMutableRawPointer? {
        // The reader hands on the `privdata` that ``ReplyReader`` gave it, its builder.
        guard let task, let context = task.pointee.privdata else { return nil }
        let builder = Unmanaged<ReplyBuilder>.fromOpaque(context).takeUnretainedValue()
        action(builder, task.pointee.type)
        return builder.refusal == nil ? context : nil
    }
}
