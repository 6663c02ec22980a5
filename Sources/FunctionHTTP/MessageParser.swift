import FunctionBytes
import FunctionCore

/// What the parsers of requests and responses have in common: lines, fields, chunks, and the limits on them. The
/// functions know their parser's type when they are compiled, so that nothing is looked up while they run.
protocol MessageParser {
    associatedtype Head: Hashable & Sendable
    associatedtype Failure: MessageError

    var state: MessageState { get set }
    /// Bytes that count against `headLimit`, and field lines.
    var headBytes: Int { get set }
    var fieldCount: Int { get set }
    var headLimit: Int { get }
    var fieldLimit: Int { get }
    /// A line whose end has not come yet: an idle connection holds no memory here.
    var partialLine: [UInt8] { get set }
    /// Whether blanks may stand at the end of a chunk's first line, where the standard has none.
    static var takesPaddedChunkSizes: Bool { get }

    /// Refuses the beginning of a start line if no end could make it acceptable; its length is checked as every line's.
    func checkStartLine(prefix: Span<UInt8>) throws(Failure)
    mutating func parse(startLine: Span<UInt8>) throws(Failure)
    /// Takes a field of the head, or a trailer field.
    mutating func add(_ field: Headers.Field)
    /// Draws from the fields what they mean for the message's end and for the connection, once all have come.
    mutating func completeHead() throws(Failure)
    /// The head, once, as soon as it is complete.
    mutating func takeHead() -> Head?
    mutating func beginChunk(_ size: Int) throws(Failure)
    /// The message's end was told.
    mutating func ended()
    /// A line was refused that begins, or goes on, with `rest`.
    mutating func refused(_ rest: Span<UInt8>)
}

/// Where in a message its parser is.
enum MessageState {
    /// The request line or the status line.
    case startLine
    case fields
    case content(remaining: Int, ofChunk: Bool)
    /// Content up to the connection's end.
    case contentToClose
    case chunkSize
    case chunkEnd
    case trailers
    case end
    /// The end was told, and no other message follows.
    case over
}

/// What a parser has found in its input.
package enum MessageEvent<Head: Hashable & Sendable>: Hashable, Sendable {
    case head(Head)
    /// The part of the input that is content.
    case body(Range<Int>)
    /// The message is complete. What is left of the input is none of it.
    case end
}

extension MessageParser {
    mutating func nextEvent(_ input: Span<UInt8>, consumed: inout Int) throws(Failure) -> MessageEvent<Head>? {
        while true {
            switch state {
            case .over:
                return nil
            case .end:
                ended()
                return .end
            case .content(remaining: 0, let ofChunk):
                state = ofChunk ? .chunkEnd : .end
            case .content(let remaining, let ofChunk):
                guard let range = take(remaining, of: input, from: &consumed) else { return nil }
                state = .content(remaining: remaining - range.count, ofChunk: ofChunk)
                return .body(range)
            case .contentToClose:
                return take(.max, of: input, from: &consumed).map { .body($0) }
            case .startLine, .fields, .chunkSize, .chunkEnd, .trailers:
                let start = consumed
                do throws(Failure) {
                    guard try nextLine(input, consumed: &consumed) else { return nil }
                } catch {
                    refused(input.extracting(start...))
                    throw error
                }
                if let head = takeHead() { return .head(head) }
            }
        }
    }

    /// Moves `consumed` over `most` bytes of the input, or as many as there are; nil if there are none.
    private func take(_ most: Int, of input: Span<UInt8>, from consumed: inout Int) -> Range<Int>? {
        let start = consumed
        consumed += min(most, input.count - start)
        return start == consumed ? nil : start..<consumed
    }

    /// Parses the line that begins, or goes on, at `consumed`; false if its end has not come.
    private mutating func nextLine(_ input: Span<UInt8>, consumed: inout Int) throws(Failure) -> Bool {
        let unread = input.extracting(consumed...)
        if partialLine.isEmpty {
            guard let length = try lineLength(unread) else {
                partialLine.append(unread)
                consumed = input.count
                return false
            }
            consumed += length + 2
            try parse(line: unread.extracting(..<length))
            return true
        }
        let rest = unread.extracting(..<(unread.firstIndex(of: .lineFeed).map { $0 + 1 } ?? unread.count))
        consumed += rest.count
        partialLine.append(rest)
        guard let length = try lineLength(partialLine.span) else { return false }
        let line = partialLine
        partialLine = []
        try parse(line: line.span.extracting(..<length))
        return true
    }

    /// How long the line at the start of `bytes` is without its CRLF; nil if that has not come.
    ///
    /// A line that comes in pieces is searched again with each. The head's limit bounds that: even for single bytes,
    /// memchr takes less time than the kernel does for the packets.
    private func lineLength(_ bytes: Span<UInt8>) throws(Failure) -> Int? {
        let lineFeed = bytes.firstIndex(of: .lineFeed)
        let beforeLineFeed = bytes.extracting(..<(lineFeed ?? bytes.count))
        let carriageReturn = beforeLineFeed.firstIndex(of: .carriageReturn)
        try checkLimits(prefix: beforeLineFeed.extracting(..<(carriageReturn ?? beforeLineFeed.count)))
        guard let carriageReturn else {
            if lineFeed != nil { throw .malformed(.bareLineFeed) }
            return nil
        }
        if carriageReturn + 1 == lineFeed { return carriageReturn }
        guard carriageReturn + 1 == bytes.count else { throw .malformed(.bareCarriageReturn) }
        return nil
    }

    /// Refuses the beginning of a line if no end could make it acceptable.
    private func checkLimits(prefix: Span<UInt8>) throws(Failure) {
        switch state {
        case .chunkEnd:
            guard prefix.isEmpty else { throw .malformed(.chunkEnd) }
        case .chunkSize:
            try checkChunkSize(prefix: prefix)
        case .startLine:
            try checkStartLine(prefix: prefix)
            fallthrough
        default:
            guard headBytes + prefix.count + 2 <= headLimit else { throw .headTooLarge }
        }
    }

    /// Takes a line without its CRLF.
    private mutating func parse(line: Span<UInt8>) throws(Failure) {
        switch state {
        case .chunkSize:
            let size = try parse(chunkSizeLine: line)
            try beginChunk(size)
            state = size == 0 ? .trailers : .content(remaining: size, ofChunk: true)
        case .chunkEnd:
            state = .chunkSize
        case .startLine:
            headBytes += line.count + 2
            try parse(startLine: line)
        case .fields, .trailers:
            headBytes += line.count + 2
            if !line.isEmpty { return add(try parse(fieldLine: line)) }
            if case .trailers = state { state = .end } else { try completeHead() }
        case .content, .contentToClose, .end, .over:
            preconditionFailure("content is not read by lines")
        }
    }

    /// HTTP-version = "HTTP" "/" DIGIT "." DIGIT (RFC 9112, section 2.3). A higher minor version is read as the highest
    /// that is known (RFC 9110, section 2.5).
    static func version(_ bytes: Span<UInt8>) throws(Failure) -> HTTPVersion {
        if bytes.equals("HTTP/1.1") { return .http11 }
        if bytes.equals("HTTP/1.0") { return .http10 }
        guard bytes.count == 8, bytes.extracting(..<5).equals("HTTP/"), bytes[6] == UInt8(ascii: "."),
            bytes[5].isDigit, bytes[7].isDigit
        else { throw .malformed(.version) }
        guard bytes[5] == UInt8(ascii: "1") else { throw .versionUnsupported }
        return .http11
    }
}
