import FunctionCore

extension RequestParser {
    mutating func completeHead() throws(RequestError) {
        // Moved out and back, so that changing its headers copies nothing.
        guard var head = self.head.take() else { preconditionFailure("fields come after a request line") }
        defer { self.head = head }
        var hosts = 0
        var length: Int?
        var codings: [Headers.Value] = []
        var connection = ConnectionOptions()
        var expectation: Headers.Value?
        for field in head.headers.fields {
            // Lengths differ, so that most fields are told apart without comparing them.
            switch field.name.string.utf8.count {
            case 4 where field.name == .host:
                hosts += 1
                guard Self.isHost(field.value.string.utf8.span) else { throw .malformed(.host) }
            case 6 where field.name == .expect:
                expectation = field.value
                guard field.value.string.lowercased() == "100-continue" else { throw .expectationUnknown }
            case 10 where field.name == .connection:
                connection.add(field.value)
            case 14 where field.name == .contentLength:
                guard length == nil else { throw .malformed(.contentLength) }
                length = try Self.contentLength(field.value.string)
            case 17 where field.name == .transferEncoding:
                codings.append(field.value)
            default:
                break
            }
        }
        // HTTP/1.0 knows no Host (RFC 9112, section 3.2).
        guard hosts == 1 || hosts == 0 && head.version == .http10 else { throw .malformed(.host) }
        if let authority = authority.take() { head.headers[.host] = authority }

        if !codings.isEmpty {
            try Self.requireChunked(codings, beside: length, head.version)
            head.framing = .chunked
            state = .chunkSize
        } else if let length, length > 0 {
            guard length <= limits.body else { throw .contentTooLarge }
            head.framing = .length(length)
            state = .content(remaining: length, ofChunk: false)
        } else {
            state = .end
        }
        head.keepAlive = connection.keepsAlive(head.version)
        // An expectation of HTTP/1.0 is to be ignored (RFC 9110, section 10.1.1), and one without content has no use.
        head.expectsContinue = expectation != nil && head.version == .http11 && head.framing != .none
    }
}
