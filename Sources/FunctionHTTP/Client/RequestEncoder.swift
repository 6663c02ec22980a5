import FunctionBytes
import FunctionCore

/// Encodes a request (RFC 9112, section 2.1).
struct RequestEncoder: ~Copyable {
    /// The bytes that were encoded last.
    private(set) var buffer = ByteBuffer()

    /// The most bytes of a body that are written together with the head.
    static let smallBody = 16 * 1024

    /// Encodes the head, and the body's first ``smallBody`` bytes.
    mutating func encode(_ request: ClientRequest, to origin: Origin) {
        beginHead(request, to: origin)
        // Methods that expect content need the length even if there is none (RFC 9110, section 8.6).
        if !request.body.isEmpty || [.post, .put, .patch].contains(request.method) {
            buffer.append("\r\ncontent-length: ")
            buffer.append(decimal: request.body.count)
        }
        buffer.append("\r\n\r\n")
        buffer.append(request.body.span.extracting(first: Self.smallBody))
    }

    /// Encodes the head of a request whose content is chunked (RFC 9112, section 7.1), and its body as the first chunk.
    mutating func encodeHead(_ request: ClientRequest, to origin: Origin, announcing trailers: [Headers.Name]) {
        beginHead(request, to: origin)
        if !trailers.isEmpty {
            buffer.append("\r\ntrailer: ")
            buffer.append(field: trailers.map(\.string).joined(separator: ", "))
        }
        buffer.append("\r\ntransfer-encoding: chunked\r\n\r\n")
        if !request.body.isEmpty { buffer.append(Self.chunk(request.body).span) }
    }

    /// Encodes `content` as a chunk. It must not be empty: an empty chunk would end the content.
    static func chunk(_ content: [UInt8]) -> [UInt8] {
        var chunk: [UInt8] = []
        chunk.reserveCapacity(content.count + 12)
        chunk += String(content.count, radix: 16).utf8
        chunk += "\r\n".utf8
        chunk += content
        chunk += "\r\n".utf8
        return chunk
    }

    /// Encodes the end of chunked content (RFC 9112, section 7.1.2).
    static func lastChunk(_ trailers: Headers) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.append("0\r\n")
        for field in trailers.fields where !Self.isClients(field.name) {
            buffer.append(field)
            buffer.append("\r\n")
        }
        buffer.append("\r\n")
        return buffer.withSpan { Array($0) }
    }

    private mutating func beginHead(_ request: ClientRequest, to origin: Origin) {
        buffer.removeAll()
        buffer.append(field: request.method.name)
        buffer.append(.space)
        buffer.append(field: request.target)
        buffer.append(" HTTP/1.1\r\nhost: ")
        buffer.append(field: request.host?.string ?? origin.description)
        for field in request.headers.fields where !Self.isClients(field.name) {
            buffer.append("\r\n")
            buffer.append(field)
        }
    }

    /// Whether the client controls this field: Host, framing, and fields that would make a server wait or switch
    /// protocols.
    private static func isClients(_ name: Headers.Name) -> Bool {
        switch name {
        case .host, .contentLength, .transferEncoding, .connection, .expect, "keep-alive", "te", "trailer", "upgrade":
            true
        default: false
        }
    }
}
