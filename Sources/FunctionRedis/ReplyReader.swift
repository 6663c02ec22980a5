import CFunctionHiredis

/// Reads replies from bytes that come in pieces of any size: hiredis' parser with limits of our own.
///
/// Feed it the bytes received, then take replies until there is none. After an error it throws that error again.
public struct ReplyReader: ~Copyable {
    /// The most elements in one reply, including those of inner arrays. hiredis alone would map 16 GB for
    /// `*2147483647`.
    public static let maximumElements = 1_000_000
    /// The most bytes of one reply.
    public static let maximumBytes = 64 << 20
    /// The most bytes of a line: hiredis searches for the line's end from its start each time.
    public static let maximumLineBytes = 64 << 10

    private let reader: UnsafeMutablePointer<redisReader>
    private let builder = ReplyBuilder()
    /// Bytes of the current reply and of everything behind it.
    private var pendingBytes = 0
    private var failure: RedisProtocolError?

    public init() {
        // Null only if not even a few hundred bytes of memory are left.
        reader = redisReaderCreateWithFunctions(ReplyBuilder.functions)!
        // The reader lives no longer than this value, which holds the builder.
        reader.pointee.privdata = Unmanaged.passUnretained(builder).toOpaque()
    }

    deinit {
        redisReaderFree(reader)
    }

    /// Adds `bytes`. Take all replies in between: the limit on a reply's size counts everything fed since the last one.
    public mutating func feed(_ bytes: UnsafeRawBufferPointer) {
        guard failure == nil, let start = bytes.assumingMemoryBound(to: CChar.self).baseAddress else { return }
        pendingBytes += bytes.count
        redisReaderFeed(reader, start, bytes.count)
    }

    /// The next reply; nil if its last byte has not come yet.
    public mutating func next() throws(RedisProtocolError) -> RedisReply? {
        if let failure { throw failure }
        guard pendingBytes > 0 else { return nil }
        do throws(RedisProtocolError) {
            let reply = try parse()
            if reply != nil { pendingBytes = unread.count }
            return reply
        } catch {
            failure = error
            throw error
        }
    }

    private func parse() throws(RedisProtocolError) -> RedisReply? {
        var object: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &object) == REDIS_OK else { throw builder.refusal ?? malformation }
        if object != nil { return builder.take() }
        guard pendingBytes <= Self.maximumBytes else { throw .tooLarge }
        guard unread.count <= Self.maximumLineBytes || isInsideString else { throw .lineTooLong }
        return nil
    }

    private var unread: UnsafeRawBufferPointer {
        let reader = reader.pointee
        return UnsafeRawBufferPointer(start: reader.buf.map { $0 + reader.pos }, count: reader.len - reader.pos)
    }

    /// Whether the unread bytes are a string's length (20 characters at most), the line's end, and a part of the
    /// string.
    private var isInsideString: Bool {
        let depth = Int(reader.pointee.ridx)
        let type = withUnsafePointer(to: &reader.pointee.rstack) {
            // C's array is a tuple here, with the same layout; `ridx` is the index of the current item.
            $0.withMemoryRebound(to: redisReadTask.self, capacity: depth + 1) { $0[depth].type }
        }
        return type == REDIS_REPLY_STRING && unread.prefix(22).contains(UInt8(ascii: "\n"))
    }

    private var malformation: RedisProtocolError {
        withUnsafeBytes(of: &reader.pointee.errstr) { text in
            .malformed(String(decoding: text.prefix { $0 != 0 }, as: UTF8.self))
        }
    }
}

/// The server sent something that is not a valid or acceptable reply. The connection cannot be used any more.
public enum RedisProtocolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not RESP2; with hiredis' message.
    case malformed(String)
    /// A reply that announces more than ``ReplyReader/maximumElements`` elements in all.
    case tooManyElements
    /// A reply of more than ``ReplyReader/maximumBytes`` bytes.
    case tooLarge
    /// A status, error, number or length over ``ReplyReader/maximumLineBytes``.
    case lineTooLong
    /// A reply that no command requested.
    case unsolicited
    /// A reply to joined commands that has not one element for each.
    case miscounted

    public var description: String {
        switch self {
        case .malformed(let reason): "the server is not Redis, or speaks another protocol (\(reason))"
        case .tooManyElements: "a reply announced more than \(ReplyReader.maximumElements) elements"
        case .tooLarge: "a reply had more than \(ReplyReader.maximumBytes) bytes"
        case .lineTooLong: "a line of a reply had more than \(ReplyReader.maximumLineBytes) bytes"
        case .unsolicited: "a reply came that no command had requested"
        case .miscounted: "a reply to several commands had too few or too many elements"
        }
    }
}

/// Builds replies from what hiredis' reader reports, without hiredis' own reply objects. The reader reports elements in
/// the order of the bytes, so a stack of the open arrays is enough.
final class ReplyBuilder {
    private var openArrays: [OpenArray] = []
    private var finished: RedisReply?
    /// How many elements the current reply has announced in all its arrays.
    private var announcedElements = 0
    /// Why a callback returned null, which the reader reports as a lack of memory.
    private(set) var refusal: RedisProtocolError?

    /// A status is only a few words.
    private static let maxStatusLength = 512

    private struct OpenArray {
        let count: Int
        var elements: [RedisReply] = []
    }

    /// Removes and returns the completed reply.
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
        // The reader reports a string once two more bytes have come, but does not check that they are the line's end.
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
        // Reserve room for an ordinary reply only, because announcing a larger one costs the sender nothing.
        array.elements.reserveCapacity(min(count, 64))
        openArrays.append(array)
    }

    /// The functions that a reader calls; its `privdata` must be a builder that outlives it. Marked unsafe because it
    /// is a pointer; nobody writes to it after this, and it is never freed.
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

    /// Runs `action` with the task's builder. To the reader, any pointer is a new object, and null a failure.
    private static func report(
        _ task: UnsafePointer<redisReadTask>?,
        _ action: (ReplyBuilder, Int32) -> Void
    ) -> UnsafeMutableRawPointer? {
        // The reader passes on the `privdata` that ``ReplyReader`` set: its builder.
        guard let task, let context = task.pointee.privdata else { return nil }
        let builder = Unmanaged<ReplyBuilder>.fromOpaque(context).takeUnretainedValue()
        action(builder, task.pointee.type)
        return builder.refusal == nil ? context : nil
    }
}
