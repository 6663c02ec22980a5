import Function

/// Encodes the head of a response (RFC 9112, section 2.1) and a body that is at hand.
struct ResponseEncoder {
    /// How the client learns where the body ends (RFC 9112, section 6.3).
    enum Framing: Equatable {
        /// There is none: HEAD, 204, 304. `length` is what a GET would have had.
        case none(length: Int?)
        case length(Int)
        case chunked
        /// By the connection's end, for HTTP/1.0.
        case close
    }

    private(set) var bytes: [UInt8] = []

    /// How `response` is framed for this request.
    static func framing(of response: Response, to method: Method, isHTTP11: Bool) -> Framing {
        switch response.status {
        case .noContent: return .none(length: nil)
        case .notModified: return .none(length: response.body.length)
        default: break
        }
        if method == .head { return .none(length: response.body.length) }
        if let length = response.body.length { return .length(length) }
        return isHTTP11 ? .chunked : .close
    }

    /// Starts over, keeping the memory.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    /// `connection` is what that header says, if it says anything; `date` is an IMF-fixdate.
    mutating func head(_ response: Response, _ framing: Framing, connection: StaticString?, date: [UInt8]) {
        bytes.append(contentsOf: Self.version)
        bytes.append(decimal: response.status.code)
        bytes.append(UInt8(ascii: " "))
        append(Self.reason(response.status))
        bytes.append(contentsOf: Self.dateName)
        bytes.append(contentsOf: date)
        for field in response.headers.fields where !Self.isServers(field.name) {
            line(field.name.string, field.value.string)
        }
        switch framing {
        case .none(let length?), .length(let length):
            append("\r\ncontent-length: ")
            bytes.append(decimal: length)
        case .chunked:
            append("\r\ntransfer-encoding: chunked")
        case .none, .close: break
        }
        if let connection {
            append("\r\nconnection: ")
            append(connection)
        }
        append("\r\n\r\n")
    }

    mutating func body(_ body: [UInt8]) {
        bytes.append(contentsOf: body)
    }

    /// A chunk of a chunked body (RFC 9112, section 7.1), which must not be empty: that would end the body.
    mutating func chunk(_ chunk: [UInt8]) {
        bytes += String(chunk.count, radix: 16).utf8
        append("\r\n")
        bytes += chunk
        append("\r\n")
    }

    mutating func lastChunk() {
        append("0\r\n\r\n")
    }

    /// Framing belongs to the server: a handler's word on it would be believed by the client and be wrong.
    private static func isServers(_ name: Headers.Name) -> Bool {
        name == .contentLength || name == .transferEncoding || name == .connection || name == .date
    }

    private static let version = Array("HTTP/1.1 ".utf8)
    private static let dateName = Array("\r\ndate: ".utf8)

    private mutating func line(_ name: String, _ value: String) {
        bytes.append(UInt8(ascii: "\r"))
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(UInt8(ascii: " "))
        append(value: value)
    }

    private mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func append(value: String) {
        let start = bytes.count
        bytes.append(contentsOf: value.utf8)
        // A scalar over 127 stands for one octet (Headers.Value), not for its UTF-8.
        guard bytes[start...].contains(where: { $0 > 127 }) else { return }
        bytes.replaceSubrange(start..., with: value.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
    }

    /// The phrases of RFC 9110, section 15; others are sent without, as section 4 of RFC 9112 allows.
    private static func reason(_ status: Status) -> StaticString {
        switch status.code {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: ""
        }
    }
}
