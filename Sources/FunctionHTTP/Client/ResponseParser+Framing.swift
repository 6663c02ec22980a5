import FunctionBytes
import FunctionCore

extension ResponseParser {
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
            // What announces content where there is none may send it all the same.
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

    /// A number, or the same one several times, apart by commas; the same as `earlier`, if there was one.
    private static func contentLength(_ value: Headers.Value, sameAs earlier: Int?) throws(ResponseError) -> Int {
        var length = earlier
        for element in value.string.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let number = try contentLength(Substring(element.withoutBlanksAround))
            guard length == nil || length == number else { throw .malformed(.contentLength) }
            length = number
        }
        // A split gives one element at least.
        guard let length else { throw .malformed(.contentLength) }
        return length
    }
}
