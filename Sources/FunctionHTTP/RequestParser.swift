package import FunctionCore

/// Reads requests of HTTP/1.1 and 1.0 (RFC 9112) off any split of their bytes. A value that does no I/O.
///
/// What can be read in two ways is refused, never repaired: a proxy before us may have read it the other way.
/// The outcome does not depend on how the bytes are split: limits are checked on every prefix of a line, in the order of
/// the bytes, and all else once the line is whole. After an error the parser must not be asked again.
package struct RequestParser: MessageParser, Sendable {
    package typealias Event = MessageEvent<RequestHead>

    let limits: RequestLimits
    var state = MessageState.startLine
    /// Whether an empty line has come before the request line.
    private var isAfterEmptyLine = false
    /// The head that is being read, from its request line to its event. After an error it is what was read until then:
    /// the answer may need its method and its request id.
    package internal(set) var head: RequestHead?
    /// The trailer fields of the message that is read, or whose end was told last: apart from the head's fields, for which
    /// they must not pass (RFC 9110, section 6.5.1).
    package private(set) var trailers = Headers()
    /// Whether the request line is that of a HEAD; nil before it has come, or its beginning was refused.
    var isToHead: Bool?
    /// The authority of a target in absolute form, until the head is complete.
    var authority: Headers.Value?
    var headBytes = 0
    var fieldCount = 0
    var headLimit: Int { limits.head }
    var fieldLimit: Int { limits.fields }
    /// What the chunks so far hold; it counts against ``RequestLimits/body``.
    private var chunkedBytes = 0
    var partialLine: [UInt8] = []
    static var takesPaddedChunkSizes: Bool { false }

    package init(limits: RequestLimits) {
        self.limits = limits
    }

    /// Nothing of a request has come since the last one ended.
    package var isIdle: Bool {
        guard case .startLine = state else { return false }
        return !isAfterEmptyLine && partialLine.isEmpty
    }

    /// The next event in `input` from `consumed` on, which is moved behind it; nil if all was taken and more is needed.
    package mutating func next(_ input: Span<UInt8>, consumed: inout Int) throws(RequestError) -> Event? {
        try nextEvent(input, consumed: &consumed)
    }

    /// Whether what comes, or was refused, is a HEAD, as far as it has come: no answer to it has content (RFC 9110,
    /// section 9.3.2).
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
        // Before its line has ended.
        if isToHead == nil, partialLine.isEmpty { isToHead = Self.isHead(rest) }
    }

    func checkStartLine(prefix: Span<UInt8>) throws(RequestError) {
        try checkMethod(prefix: prefix)
        // Of what a parser sees that gets single bytes: at the next one the head is too large.
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
