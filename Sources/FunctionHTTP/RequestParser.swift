package import FunctionCore

/// Parses requests of HTTP/1.1 and 1.0 (RFC 9112), however their bytes are split. A value without I/O.
///
/// An ambiguous request is refused, never repaired: a proxy in front of us may have read it the other way. The outcome
/// does not depend on the split: limits are checked on every prefix of a line, in the order of the bytes, and
/// everything else once the line is complete. After an error the parser must not be used again.
package struct RequestParser: MessageParser, Sendable {
    package typealias Event = MessageEvent<RequestHead>

    let limits: RequestLimits
    var state = MessageState.startLine
    /// Whether an empty line has come before the request line.
    private var isAfterEmptyLine = false
    /// The head, from its request line until it is returned as an event. After an error it holds what was read so far:
    /// the response may need its method and its request id.
    package internal(set) var head: RequestHead?
    /// The trailer fields of the current message, kept until the next one begins. They must not be merged into the
    /// headers (RFC 9110, section 6.5.1).
    package private(set) var trailers = Headers()
    /// Whether the request is a HEAD; nil until its request line has arrived or the beginning of that was refused.
    var isToHead: Bool?
    /// The authority of a target in absolute form, until the head is complete.
    var authority: Headers.Value?
    var headBytes = 0
    var fieldCount = 0
    var headLimit: Int { limits.head }
    var fieldLimit: Int { limits.fields }
    /// Bytes in the chunks so far; they count against ``RequestLimits/body``.
    private var chunkedBytes = 0
    var partialLine: [UInt8] = []
    static var takesPaddedChunkSizes: Bool { false }

    package init(limits: RequestLimits) {
        self.limits = limits
    }

    /// Whether nothing of a request has arrived since the last one ended.
    package var isIdle: Bool {
        guard case .startLine = state else { return false }
        return !isAfterEmptyLine && partialLine.isEmpty
    }

    /// Returns the next event in `input` from `consumed` on, and moves `consumed` past it. Nil if the input was used up
    /// and more is needed.
    package mutating func next(_ input: Span<UInt8>, consumed: inout Int) throws(RequestError) -> Event? {
        try nextEvent(input, consumed: &consumed)
    }

    /// Whether the current or the refused request is a HEAD, judged by what has arrived of it. A response to HEAD has
    /// no content (RFC 9110, section 9.3.2).
    package var isHead: Bool { isToHead ?? Self.isHead(partialLine.span) }

    mutating func takeHead() -> RequestHead? {
        switch state {
        case .startLine, .fields: nil
        default: head.take()
        }
    }

    mutating func ended() {
        state = .startLine
        isAfterEmptyLine = false
        isToHead = nil
        headBytes = 0
        fieldCount = 0
        chunkedBytes = 0
    }

    mutating func refused(_ rest: Span<UInt8>) {
        // The request line was refused before its end arrived.
        if isToHead == nil, partialLine.isEmpty { isToHead = Self.isHead(rest) }
    }

    func checkStartLine(prefix: Span<UInt8>) throws(RequestError) {
        try checkMethod(prefix: prefix)
        // Look only at what a byte-by-byte parser would have seen before the head limit, so that 414 or 431 does not
        // depend on the split.
        try checkTarget(prefix: prefix.extracting(first: max(0, limits.head - headBytes - 1)))
    }

    mutating func parse(startLine line: Span<UInt8>) throws(RequestError) {
        if !line.isEmpty {
            trailers = [:]
            try parse(requestLine: line)
            state = .fields
        } else if isAfterEmptyLine {
            throw .malformed(.emptyLines)
        } else {
            isAfterEmptyLine = true
        }
    }

    mutating func add(_ field: Headers.Field) {
        if case .trailers = state {
            trailers.append(field.name, field.value)
        } else {
            head?.headers.append(field.name, field.value)
        }
    }

    mutating func beginChunk(_ size: Int) throws(RequestError) {
        guard size <= limits.body - chunkedBytes else { throw .contentTooLarge }
        chunkedBytes += size
    }
}
