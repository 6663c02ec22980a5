import FunctionBytes
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures

/// Reads event streams, and responses with an event stream as their content.
enum EventStreamReader {
    struct Message: Hashable {
        let type: String
        let payload: [UInt8]
        var text: String { String(decoding: payload, as: UTF8.self) }
    }

    /// The messages. Their lengths and checksums must be right.
    static func messages(in bytes: [UInt8]) throws -> [Message] {
        var messages: [Message] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            try #require(rest.count >= 16)
            let start = rest.startIndex
            let length = Int(number(rest[start..<start + 4]))
            let headersLength = Int(number(rest[start + 4..<start + 8]))
            try #require(rest.count >= length && length >= headersLength + 16)
            #expect(number(rest[start + 8..<start + 12]) == checksum(rest[start..<start + 8]))
            let end = start + length
            #expect(number(rest[end - 4..<end]) == checksum(rest[start..<end - 4]))
            let headers = try headers(in: Array(rest[start + 12..<start + 12 + headersLength]))
            #expect(headers[":message-type"] == "event")
            #expect(headers[":content-type"]?.hasPrefix("application/") == true)
            let type = try #require(headers[":event-type"])
            messages.append(Message(type: type, payload: Array(rest[start + 12 + headersLength..<end - 4])))
            rest = rest[end...]
        }
        return messages
    }

    /// All headers must be strings.
    private static func headers(in bytes: [UInt8]) throws -> [String: String] {
        var headers: [String: String] = [:]
        var rest = bytes[...]
        while let length = rest.popFirst() {
            let name = String(decoding: rest.prefix(Int(length)), as: UTF8.self)
            rest = rest.dropFirst(Int(length))
            try #require(rest.popFirst() == 7)
            let count = Int(number(rest.prefix(2)))
            headers[name] = String(decoding: rest.dropFirst(2).prefix(count), as: UTF8.self)
            rest = rest.dropFirst(2 + count)
        }
        return headers
    }

    /// The messages of a response, which must be complete.
    static func messages(ofResponse bytes: [UInt8]) throws -> [Message] {
        let separator = try #require(bytes.firstRange(of: "\r\n\r\n".utf8))
        let head = String(decoding: bytes[..<separator.lowerBound], as: UTF8.self)
        #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(head.contains("\r\ncontent-type: application/vnd.amazon.eventstream"))
        #expect(head.contains("\r\nx-amz-executed-version: $LATEST"))
        var content: [UInt8] = []
        var rest = bytes[separator.upperBound...]
        while true {
            let line = try #require(rest.firstRange(of: "\r\n".utf8))
            let size = try #require(Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16))
            rest = rest[line.upperBound...]
            try #require(rest.count >= size + 2)
            guard size > 0 else { break }
            content += rest.prefix(size)
            rest = rest.dropFirst(size + 2)
        }
        #expect(rest.elementsEqual("\r\n".utf8))
        return try messages(in: content)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var checksum = CRC32()
        checksum.add(bytes)
        return checksum.value
    }
}
