import FunctionBytes
import FunctionCore

extension RequestParser {
    /// Whether a request line begins like that of a HEAD request.
    static func isHead(_ start: Span<UInt8>) -> Bool {
        start.count >= 5 && start.extracting(first: 5).equals("HEAD ")
    }

    /// Throws 501 as soon as the method is too long, even before its end has arrived.
    func checkMethod(prefix: Span<UInt8>) throws(RequestError) {
        guard prefix.count > limits.method, prefix.extracting(first: limits.method + 1).isToken else { return }
        throw .methodTooLong
    }

    /// Throws 414 as soon as the target is too long, even before its end has arrived.
    func checkTarget(prefix: Span<UInt8>) throws(RequestError) {
        guard prefix.count > limits.target, let space = prefix.firstIndex(of: .space) else { return }
        let target = prefix.extracting((space + 1)...)
        guard (target.firstIndex(of: .space) ?? target.count) <= limits.target else { throw .targetTooLong }
    }

    /// request-line = method SP request-target SP HTTP-version (RFC 9112, section 3).
    mutating func parse(requestLine line: Span<UInt8>) throws(RequestError) {
        isToHead = Self.isHead(line)
        guard let methodEnd = line.firstIndex(of: .space) else { throw .malformed(.requestLine) }
        let afterMethod = line.extracting((methodEnd + 1)...)
        guard let targetEnd = afterMethod.firstIndex(of: .space) else { throw .malformed(.requestLine) }
        let methodName = line.extracting(..<methodEnd)
        guard methodName.isToken else { throw .malformed(.method) }
        let method = Method(token: String(ascii: methodName))
        let version = try Self.version(afterMethod.extracting((targetEnd + 1)...))
        guard method.name != "CONNECT" else { throw .connectUnsupported }

        let target = afterMethod.extracting(..<targetEnd)
        let pathStart = try parse(authorityOf: target)
        let pathAndQuery = target.extracting(pathStart...)
        let pathEnd = pathAndQuery.firstIndex(of: .questionMark) ?? pathAndQuery.count
        let path = pathAndQuery.extracting(..<pathEnd)
        let query = pathAndQuery.extracting(min(pathEnd + 1, pathAndQuery.count)...)
        let isAsterisk = target.equals("*") && method == .options
        guard isAsterisk || path.isSubset(of: .path), query.isSubset(of: .query) else { throw .malformed(.target) }
        if authority == nil && !isAsterisk {
            guard path.count > 0, path[0] == .slash else { throw .malformed(.target) }
        }
        head = RequestHead(
            method: method,
            path: path.isEmpty ? "/" : String(ascii: path),
            query: pathEnd == pathAndQuery.count ? nil : String(ascii: query),
            version: version,
            headers: [:],
            framing: .none,
            keepAlive: false,
            expectsContinue: false
        )
        head?.headers.reserveCapacity(8)
    }

    /// Parses the authority of a target in absolute form (RFC 9112, section 3.2.2); returns where the path begins.
    private mutating func parse(authorityOf target: Span<UInt8>) throws(RequestError) -> Int {
        guard target.count > 0, target[0] != .slash else { return 0 }
        for scheme in ["http://", "https://"] as [StaticString] where target.hasPrefix(ignoringCase: scheme) {
            let rest = target.extracting(scheme.utf8CodeUnitCount...)
            var end = 0
            while end < rest.count, rest[end] != .slash, rest[end] != .questionMark { end += 1 }
            let authority = rest.extracting(..<end)
            guard Self.isHost(authority) else { throw .malformed(.target) }
            self.authority = Headers.Value(valid: String(ascii: authority))
            return scheme.utf8CodeUnitCount + end
        }
        return 0
    }

    /// Host = uri-host [ ":" port ] (RFC 9110, section 7.2), not empty (section 4.2.1).
    static func isHost(_ authority: Span<UInt8>) -> Bool {
        let hostEnd: Int
        if authority.count > 0, authority[0] == UInt8(ascii: "[") {
            guard let bracket = authority.firstIndex(of: UInt8(ascii: "]")), bracket > 1 else { return false }
            guard authority.extracting(1..<bracket).isSubset(of: .address) else { return false }
            hostEnd = bracket + 1
        } else {
            hostEnd = authority.firstIndex(of: .colon) ?? authority.count
            guard hostEnd > 0, authority.extracting(..<hostEnd).isSubset(of: .registeredName) else { return false }
        }
        let port = authority.extracting(hostEnd...)
        if port.isEmpty { return true }
        return port[0] == .colon && port.count <= 6 && port.extracting(1...).isSubset(of: .digits)
    }

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
            // The names differ in length, so most fields need no comparison.
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
        // HTTP/1.0 does not require Host (RFC 9112, section 3.2).
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
        // An expectation in HTTP/1.0 must be ignored (RFC 9110, section 10.1.1); without content it is useless.
        head.expectsContinue = expectation != nil && head.version == .http11 && head.framing != .none
    }
}
