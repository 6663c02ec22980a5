import FunctionBytes

/// What the parsers of requests and responses have in common: lines, fields, chunks, and the limits on them.
///
/// The functions know their parser's type when they are compiled, so that nothing is looked up while they run.
protocol MessageParser {
    associatedtype Failure: MessageError

    /// Bytes that count against `headLimit`, and field lines.
    var headBytes: Int { get set }
    var fieldCount: Int { get set }
    var headLimit: Int { get }
    var fieldLimit: Int { get }
    /// A line whose end has not come yet: an idle connection holds no memory here.
    var partialLine: [UInt8] { get set }
    /// Whether blanks may stand at the end of a chunk's first line, where the standard has none.
    static var takesPaddedChunkSizes: Bool { get }

    /// Refuses the beginning of a line if no end could make it acceptable.
    func checkLimits(prefix: Span<UInt8>) throws(Failure)
    /// Takes a line without its CRLF.
    mutating func parse(line: Span<UInt8>) throws(Failure)
}

extension MessageParser {
    /// Moves `consumed` over `most` bytes of the input, or as many as there are.
    func take(_ most: Int, of input: Span<UInt8>, from consumed: inout Int) -> Range<Int> {
        let start = consumed
        consumed += min(most, input.count - start)
        return start..<consumed
    }

    /// Parses the line that begins, or goes on, at `consumed`; false if its end has not come.
    mutating func nextLine(_ input: Span<UInt8>, consumed: inout Int) throws(Failure) -> Bool {
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

    /// The limit of a line that counts whole.
    func checkHead(prefix: Span<UInt8>) throws(Failure) {
        guard headBytes + prefix.count + 2 <= headLimit else { throw .headTooLarge }
    }

    /// HTTP-version = "HTTP" "/" DIGIT "." DIGIT (RFC 9112, section 2.3).
    ///
    /// A higher minor version is read as the highest that is known (RFC 9110, section 2.5).
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
