package import FunctionCore

/// Reads requests of HTTP/1.1 and 1.0 (RFC 9112) off any split of their bytes. A value that does no I/O.
///
/// What can be read in two ways is refused, never repaired: a proxy before us may have read it the other way.
/// The outcome does not depend on how the bytes are split: limits are checked on every prefix of a line, in the order of
/// the bytes, and all else once the line is whole. After an error the parser must not be asked again.
package struct RequestParser: MessageParser, Sendable {
    package enum Event: Hashable, Sendable {
        case head(RequestHead)
        /// The part of the input that is content.
        case body(Range<Int>)
        /// The message is complete. What is left of the input belongs to the next one.
        case end
    }

    enum State {
        case requestLine(afterEmptyLine: Bool)
        case fields
        case content(remaining: Int)
        case chunkSize
        case chunk(remaining: Int)
        case chunkEnd
        case trailers
        case end
    }

    let limits: RequestLimits
    var state = State.requestLine(afterEmptyLine: false)
    /// The head that is being read, from its request line to its event.
    ///
    /// After an error it is what was read until then: the answer may need its method and its request id.
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
        guard case .requestLine(afterEmptyLine: false) = state else { return false }
        return partialLine.isEmpty
    }

    /// The next event in `input` from `consumed` on, which is moved behind it; nil if all was taken and more is needed.
    package mutating func next(_ input: Span<UInt8>, consumed: inout Int) throws(RequestError) -> Event? {
        while true {
            switch state {
            case .end:
                reset()
                return .end
            case .content(0):
                state = .end
            case .chunk(0):
                state = .chunkEnd
            case .content(let remaining):
                let range = take(remaining, of: input, from: &consumed)
                guard !range.isEmpty else { return nil }
                state = .content(remaining: remaining - range.count)
                return .body(range)
            case .chunk(let remaining):
                let range = take(remaining, of: input, from: &consumed)
                guard !range.isEmpty else { return nil }
                state = .chunk(remaining: remaining - range.count)
                return .body(range)
            case .requestLine, .fields, .chunkSize, .chunkEnd, .trailers:
                let start = consumed
                do throws(RequestError) {
                    guard try nextLine(input, consumed: &consumed) else { return nil }
                } catch {
                    // Refused before its line has ended.
                    if isToHead == nil, partialLine.isEmpty { isToHead = Self.isHead(input.extracting(start...)) }
                    throw error
                }
                if let head, isHeadComplete {
                    self.head = nil
                    return .head(head)
                }
            }
        }
    }

    /// Whether what comes, or was refused, is a HEAD, as far as it has come: no answer to it has content (RFC 9110,
    /// section 9.3.2).
    package var isHead: Bool { isToHead ?? Self.isHead(partialLine.span) }

    /// A head is there, and its fields have ended.
    private var isHeadComplete: Bool {
        switch state {
        case .requestLine, .fields: false
        default: true
        }
    }

    private mutating func reset() {
        state = .requestLine(afterEmptyLine: false)
        isToHead = nil
        headBytes = 0
        fieldCount = 0
        chunkedBytes = 0
    }

    /// Refuses the beginning of a line if no end could make it acceptable.
    func checkLimits(prefix: Span<UInt8>) throws(RequestError) {
        switch state {
        case .chunkEnd: try checkChunkEnd(prefix: prefix)
        case .chunkSize: try checkChunkSize(prefix: prefix)
        case .requestLine:
            try checkMethod(prefix: prefix)
            // Of what a parser sees that gets single bytes: at the next one the head is too large.
            try checkTarget(prefix: prefix.extracting(first: max(0, limits.head - headBytes - 1)))
            try checkHead(prefix: prefix)
        default: try checkHead(prefix: prefix)
        }
    }

    mutating func parse(line: Span<UInt8>) throws(RequestError) {
        switch state {
        case .requestLine(let afterEmptyLine):
            headBytes += line.count + 2
            if !line.isEmpty {
                trailers = [:]
                try parse(requestLine: line)
                state = .fields
            } else if afterEmptyLine {
                throw .malformed(.emptyLines)
            } else {
                state = .requestLine(afterEmptyLine: true)
            }
        case .fields:
            headBytes += line.count + 2
            if line.isEmpty { return try completeHead() }
            let field = try parse(fieldLine: line)
            head?.headers.append(field.name, field.value)
        case .trailers:
            headBytes += line.count + 2
            if line.isEmpty {
                state = .end
                return
            }
            let field = try parse(fieldLine: line)
            trailers.append(field.name, field.value)
        case .chunkSize:
            let size = try parse(chunkSizeLine: line)
            guard size <= limits.body - chunkedBytes else { throw .contentTooLarge }
            chunkedBytes += size
            state = size == 0 ? .trailers : .chunk(remaining: size)
        case .chunkEnd:
            state = .chunkSize
        case .content, .chunk, .end:
            preconditionFailure("content is not read by lines")
        }
    }
}
