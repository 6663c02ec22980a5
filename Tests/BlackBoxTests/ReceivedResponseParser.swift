/// Reads an HTTP/1.1 response from all bytes received so far (RFC 9112).
enum ReceivedResponseParser {
    /// The response as far as it was received, and its length in bytes; nil before the end of its head. A connection that
    /// `isReset` does not complete a response.
    static func read(_ bytes: [UInt8], isAtEnd: Bool, isReset: Bool = false) -> (ReceivedResponse, Int)? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).lowercased()
        guard let status = Int(head.dropFirst(9).prefix(3)) else { return nil }
        let rest = bytes[end.upperBound...]
        func field(_ name: String) -> Substring? {
            head.split(separator: "\r\n").first { $0.hasPrefix("\(name): ") }?.dropFirst(name.count + 2)
        }
        func response(_ body: some Sequence<UInt8>, _ isWhole: Bool) -> ReceivedResponse {
            ReceivedResponse(
                status: status,
                head: head,
                body: String(decoding: Array(body), as: UTF8.self),
                isWhole: isWhole
            )
        }
        // It has no content, whatever its fields say (RFC 9112, section 6.3).
        if status == 204 { return (response([], true), end.upperBound) }
        if field("transfer-encoding") == "chunked" {
            let (body, next) = content(ofChunks: rest)
            return (response(body, next != nil), next ?? bytes.count)
        }
        guard let length = field("content-length").flatMap({ Int($0) }) else {
            // The response ends with the connection.
            return (response(rest, isAtEnd && !isReset), bytes.count)
        }
        let body = rest.prefix(length)
        return (response(body, body.count == length), body.endIndex)
    }

    /// The content, and the index of its end if the last chunk was received.
    private static func content(ofChunks bytes: ArraySlice<UInt8>) -> ([UInt8], end: Int?) {
        let lineEnd = Array("\r\n".utf8)
        var content: [UInt8] = []
        var rest = bytes
        while let end = rest.firstRange(of: lineEnd),
            let length = Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self), radix: 16)
        {
            let chunk = rest[end.upperBound...].prefix(length)
            content += chunk
            guard rest[chunk.endIndex...].starts(with: lineEnd) else { break }
            rest = rest[(chunk.endIndex + 2)...]
            if length == 0 { return (content, rest.startIndex) }
        }
        return (content, nil)
    }
}
