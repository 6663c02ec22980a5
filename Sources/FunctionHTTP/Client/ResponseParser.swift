import FunctionBytes
package import FunctionCore

/// Parses one response of HTTP/1.1 or 1.0 (RFC 9112), however its bytes are split. A value without I/O.
///
/// Like ``RequestParser``, it does not depend on the split and is strict, except for four server faults that other
/// clients accept too. Each of them can be read in only one way, or the connection is closed after the response:
///
/// - A status line that ends after its code, from old frameworks (RFC 9112, section 4, requires a space there). The
///   code has three digits in either case, and the reason phrase decides nothing.
/// - Blanks at the end of a chunk's first line, from servers that reserve room for the size. A blank is not a digit,
///   and the line still ends in CRLF, so every parser that accepts it reads the same size.
/// - Content-Length repeated with the same number, in one field or in several (RFC 9110, section 8.6, allows it).
/// - Content-Length beside Transfer-Encoding, which wins (RFC 9112, section 6.3). This allows smuggling where a proxy
///   and a server disagree about it. Here the framing is not passed on, and the connection is closed after the
///   response, so nothing left over is read as the next response.
///
/// A response that could end in two places is refused: different lengths, other codings, line ends other than CRLF,
/// folded lines. Interim responses are skipped. After an error, and after the end of the response, the parser must not
/// be used again.
package struct ResponseParser: MessageParser, Sendable {
    package typealias Event = MessageEvent<ResponseHead>

    private let limits: ResponseLimits
    /// A response to HEAD never has content (RFC 9110, section 9.3.2).
    let isToHead: Bool
    var state = MessageState.startLine
    var version = HTTPVersion.http11
    var code = 0
    var headers = Headers()
    /// The complete head, until it is returned as an event.
    var head: ResponseHead?
    var headBytes = 0
    var fieldCount = 0
    var partialLine: [UInt8] = []
    /// Whether Content-Length came beside Transfer-Encoding, here or in an interim response.
    var hasLengthBesideCoding = false
    static var takesPaddedChunkSizes: Bool { true }
    var headLimit: Int { limits.head }
    var fieldLimit: Int { limits.fields }

    package init(to method: Method = .get, limits: ResponseLimits = ResponseLimits()) {
        isToHead = method == .head
        self.limits = limits
    }

    /// Returns the next event in `input` from `consumed` on, and moves `consumed` past it. Nil if the input was used up
    /// and more is needed, or the response is over.
    package mutating func next(_ input: Span<UInt8>, consumed: inout Int) throws(ResponseError) -> Event? {
        try nextEvent(input, consumed: &consumed)
    }

    /// Call when the connection has ended; returns whether that completes the response.
    package mutating func inputEnded() -> Bool {
        guard case .contentToClose = state else { return false }
        state = .over
        return true
    }

    mutating func takeHead() -> ResponseHead? { head.take() }
    mutating func ended() { state = .over }
    func checkStartLine(prefix: Span<UInt8>) throws(ResponseError) {}
    func refused(_ rest: Span<UInt8>) {}
    func beginChunk(_ size: Int) throws(ResponseError) {}

    mutating func parse(startLine line: Span<UInt8>) throws(ResponseError) {
        (version, code) = try Self.parse(statusLine: line)
        state = .fields
    }

    mutating func add(_ field: Headers.Field) {
        // Trailers are checked and dropped: they must not be merged into the headers (RFC 9110, section 6.5.1).
        if case .fields = state { headers.append(field.name, field.value) }
    }

    /// status-line = HTTP-version SP status-code SP [ reason-phrase ] (RFC 9112, section 4), or without the last SP.
    private static func parse(statusLine line: Span<UInt8>) throws(ResponseError) -> (HTTPVersion, code: Int) {
        guard let versionEnd = line.firstIndex(of: .space) else { throw .malformed(.statusLine) }
        let version = try version(line.extracting(..<versionEnd))
        let rest = line.extracting((versionEnd + 1)...)
        guard rest.count >= 3, rest.count == 3 || rest[3] == .space else { throw .malformed(.statusLine) }
        var code = 0
        for index in 0..<3 {
            guard rest[index].isDigit else { throw .malformed(.statusLine) }
            code = code * 10 + Int(rest[index] - UInt8(ascii: "0"))
        }
        guard (100...599).contains(code) else { throw .malformed(.statusCode) }
        for index in 3..<rest.count where !Headers.Value.isAllowed(UInt32(rest[index])) {
            throw .malformed(.statusLine)
        }
        return (version, code)
    }

    mutating func completeHead() throws(ResponseError) {
        var length: Int?
        var codings: [Headers.Value] = []
        var connection = ConnectionOptions()
        for field in headers.fields {
            switch field.name {
            case .connection: connection.add(field.value)
            case .transferEncoding: codings.append(field.value)
            case .contentLength:
                length = try Self.contentLength(field.value, sameAs: length)
            default: break
            }
        }
        let isChunked = !codings.isEmpty
        if isChunked {
            try Self.requireChunked(codings, beside: nil, version)
            if length != nil { hasLengthBesideCoding = true }
        }
        if code < 200 {
            // An interim response: the final one is still to come.
            guard code != 101 else { throw .protocolSwitched }
            headers = Headers()
            state = .startLine
            return
        }
        var keepAlive = connection.keepsAlive(version) && !hasLengthBesideCoding
        let end: ResponseHead.Framing
        if isToHead || code == 204 || code == 304 {
            end = .none
            state = .end
            // A server that announces content for a 204 may also send it.
            if code == 204, isChunked || length ?? 0 > 0 { keepAlive = false }
        } else if isChunked {
            end = .chunked
            state = .chunkSize
        } else if let length {
            end = length == 0 ? .none : .length(length)
            state = length == 0 ? .end : .content(remaining: length, ofChunk: false)
        } else {
            end = .close
            state = .contentToClose
            keepAlive = false
        }
        head = ResponseHead(
            status: Status(code),
            version: version,
            headers: headers,
            framing: end,
            keepAlive: keepAlive
        )
        headers = Headers()
    }

    /// Parses a number, or the same number repeated with commas; it must equal `earlier`, if there was one.
    private static func contentLength(_ value: Headers.Value, sameAs earlier: Int?) throws(ResponseError) -> Int {
        var length = earlier
        for element in value.string.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let number = try contentLength(Substring(element.withoutBlanksAround))
            guard length == nil || length == number else { throw .malformed(.contentLength) }
            length = number
        }
        // Never nil: a split has at least one element.
        guard let length else { throw .malformed(.contentLength) }
        return length
    }
}
