import Function

/// Encodes the head of a response (RFC 9112, section 2.1) and a body that is at hand.
struct ResponseEncoder: ~Copyable {
    /// How the client learns where the body ends (RFC 9112, section 6.3).
    enum Framing: Equatable {
        /// There is none: HEAD, 204, 304. `length` is what a GET would have had.
        case none(length: Int?)
        case length(Int)
        case chunked
        /// By the connection's end, for HTTP/1.0.
        case close
    }

    private var buffer = ByteBuffer()

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
        buffer.removeAll()
    }

    /// What was encoded since then.
    func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try buffer.withSpan(body)
    }

    /// `connection` is what that header says, if it says anything; `date` is an IMF-fixdate.
    mutating func head(_ response: Response, _ framing: Framing, connection: StaticString?, date: [UInt8]) {
        buffer.append("HTTP/1.1 ")
        buffer.append(decimal: response.status.code)
        buffer.append(UInt8(ascii: " "))
        buffer.append(Self.reason(response.status))
        buffer.append("\r\ndate: ")
        buffer.append(date.span)
        for field in response.headers.fields where !Self.isServers(field.name) {
            buffer.append("\r\n")
            buffer.append(field: field.name.string)
            buffer.append(": ")
            buffer.append(field: field.value.string)
        }
        switch framing {
        case .none(let length?), .length(let length):
            buffer.append("\r\ncontent-length: ")
            buffer.append(decimal: length)
        case .chunked:
            buffer.append("\r\ntransfer-encoding: chunked")
        case .none, .close: break
        }
        if let connection {
            buffer.append("\r\nconnection: ")
            buffer.append(connection)
        }
        buffer.append("\r\n\r\n")
    }

    mutating func body(_ body: [UInt8]) {
        buffer.append(body.span)
    }

    /// A chunk of a chunked body (RFC 9112, section 7.1), which must not be empty: that would end the body.
    mutating func chunk(_ chunk: [UInt8]) {
        buffer.append(hexadecimal: chunk.count)
        buffer.append("\r\n")
        buffer.append(chunk.span)
        buffer.append("\r\n")
    }

    mutating func lastChunk() {
        buffer.append("0\r\n\r\n")
    }

    /// Framing belongs to the server: a handler's word on it would be believed by the client and be wrong.
    private static func isServers(_ name: Headers.Name) -> Bool {
        name == .contentLength || name == .transferEncoding || name == .connection || name == .date
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
