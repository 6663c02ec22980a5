import FunctionBytes
import FunctionCore
import Glibc

/// Encodes the head of a response (RFC 9112, section 2.1) and a body that is complete.
struct ResponseEncoder: ~Copyable {
    /// How the client learns where the body ends (RFC 9112, section 6.3).
    enum Framing: Equatable {
        /// There is no body: HEAD, 204, 304. `length` is that of the response to a GET.
        case none(length: Int?)
        case length(Int)
        case chunked
        /// By the end of the connection, for HTTP/1.0.
        case close
    }

    /// The bytes that were encoded since it was last emptied.
    var buffer = ByteBuffer()

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

    /// `connection` is the value of that field, if it is sent; `date` is an IMF-fixdate.
    mutating func head(_ response: Response, _ framing: Framing, connection: StaticString?, date: [UInt8]) {
        buffer.append("HTTP/1.1 ")
        buffer.append(decimal: response.status.code)
        buffer.append(UInt8(ascii: " "))
        buffer.append(response.status.reason)
        buffer.append("\r\ndate: ")
        buffer.append(date.span)
        for field in response.headers.fields where !Self.isServers(field.name) {
            buffer.append("\r\n")
            buffer.append(field)
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

    /// Encodes a chunk of a chunked body (RFC 9112, section 7.1). It must not be empty: an empty chunk would end the
    /// body.
    mutating func chunk(_ chunk: [UInt8]) {
        buffer.append(hexadecimal: chunk.count)
        buffer.append("\r\n")
        buffer.append(chunk.span)
        buffer.append("\r\n")
    }

    mutating func lastChunk() {
        buffer.append("0\r\n\r\n")
    }

    /// Whether the server controls this field. A handler's own framing would be wrong, and the client would believe it.
    private static func isServers(_ name: Headers.Name) -> Bool {
        name == .contentLength || name == .transferEncoding || name == .connection || name == .date
    }
}

/// The value of the Date field (RFC 9110, section 5.6.7), formatted once a second.
struct HTTPDate {
    private var second: time_t = -1
    private var formatted: [UInt8] = []

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    mutating func now() -> [UInt8] {
        var time = timespec()
        // The coarse clock is some milliseconds late and costs a quarter of the exact one.
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        if time.tv_sec != second {
            second = time.tv_sec
            formatted = Array(CalendarTime(second: second).httpDate.utf8)
        }
        return formatted
    }
}
