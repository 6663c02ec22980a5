import CFunctionHiredis

/// Reads replies from bytes that come in pieces of any size: hiredis' parser with bounds of ours.
///
/// Feed it what has come, then take replies until there is none. After an error it repeats that error.
public struct ReplyReader: ~Copyable {
    /// The most elements in one reply, those of inner arrays included. hiredis alone would map 16 GB for `*2147483647`.
    public static let maximumElements = 1_000_000
    /// The most bytes of one reply.
    public static let maximumBytes = 64 << 20
    /// The most bytes of what is read as a line: hiredis looks for the line's end from its start each time.
    public static let maximumLineBytes = 64 << 10

    private let reader: UnsafeMutablePointer<redisReader>
    private let builder = ReplyBuilder()
    /// Bytes of the reply under way and of all that follows it.
    private var pendingBytes = 0
    private var failure: RedisProtocolError?

    public init() {
        // Null only when there is no memory left for a few hundred bytes.
        reader = redisReaderCreateWithFunctions(ReplyBuilder.functions)!
        // The reader lives no longer than this value, which holds the builder.
        reader.pointee.privdata = Unmanaged.passUnretained(builder).toOpaque()
    }

    deinit {
        redisReaderFree(reader)
    }

    /// Takes over `bytes`. Replies are to be taken in between: the bound on their size counts what has been fed.
    public mutating func feed(_ bytes: UnsafeRawBufferPointer) {
        guard failure == nil, let start = bytes.assumingMemoryBound(to: CChar.self).baseAddress else { return }
        pendingBytes += bytes.count
        redisReaderFeed(reader, start, bytes.count)
    }

    /// The next reply; nil while its last byte is still to come.
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

    /// Whether what is unread is a string's length (20 characters at most), the line's end, and a part of the string.
    private var isInsideString: Bool {
        let depth = Int(reader.pointee.ridx)
        let type = withUnsafePointer(to: &reader.pointee.rstack) {
            // C's array is a tuple here, laid out alike; `ridx` is the index of the item under way.
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

/// What came from the other side is no reply of Redis', or none that is accepted. The connection is of no more use.
public enum RedisProtocolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not RESP2, with hiredis' words for it.
    case malformed(String)
    /// A reply that announces more elements than ``ReplyReader/maximumElements`` in all.
    case tooManyElements
    /// A reply of more bytes than ``ReplyReader/maximumBytes``.
    case tooLarge
    /// A status, error, number or length over ``ReplyReader/maximumLineBytes``.
    case lineTooLong
    /// A reply that no command asked for.
    case unsolicited

    public var description: String {
        switch self {
        case .malformed(let reason): "what answered is not Redis, or speaks another protocol (\(reason))"
        case .tooManyElements: "a reply announced more than \(ReplyReader.maximumElements) elements"
        case .tooLarge: "a reply had more than \(ReplyReader.maximumBytes) bytes"
        case .lineTooLong: "a line of a reply had more than \(ReplyReader.maximumLineBytes) bytes"
        case .unsolicited: "a reply came that no command had asked for"
        }
    }
}
