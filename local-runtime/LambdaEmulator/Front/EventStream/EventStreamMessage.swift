import FunctionBytes
import FunctionCore

/// A message of `application/vnd.amazon.eventstream`, the format in which AWS SDKs receive a stream
/// (smithy.io/2.0/aws/amazon-eventstream.html):
///
///     length of all │ length of the headers │ CRC of both │ headers │ payload │ CRC of all before
///
/// Lengths and checksums are unsigned 32-bit integers, big-endian.
struct EventStreamMessage: Sendable {
    /// The type of a string header. Such a header is one byte of length, the name, this type, two bytes of length, the
    /// value.
    private static let string: UInt8 = 7
    private static let preludeLength = 12
    private static let checksumLength = 4

    /// The encoded message.
    let bytes: [UInt8]

    /// An event of this type. A header's name has at most 255 bytes, its value at most 32,767.
    private init(_ type: String, _ contentType: String, _ payload: some Collection<UInt8>) {
        var encoded: [UInt8] = []
        for (name, value) in [(":event-type", type), (":content-type", contentType), (":message-type", "event")] {
            encoded.append(UInt8(name.utf8.count))
            encoded += name.utf8
            encoded.append(Self.string)
            encoded += Self.octets(UInt16(value.utf8.count))
            encoded += value.utf8
        }
        let length = Self.preludeLength + encoded.count + payload.count + Self.checksumLength
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        bytes += Self.octets(UInt32(length))
        bytes += Self.octets(UInt32(encoded.count))
        var checksum = CRC32()
        checksum.add(bytes)
        let prelude = Self.octets(checksum.value)
        bytes += prelude
        bytes += encoded
        bytes += payload
        checksum.add(prelude)
        checksum.add(encoded)
        checksum.add(payload)
        bytes += Self.octets(checksum.value)
        self.bytes = bytes
    }

    private static func octets<Number: FixedWidthInteger & UnsignedInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}

/// The messages of InvokeWithResponseStream (docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html).
extension EventStreamMessage {
    /// A piece of the function's response.
    static func payloadChunk(_ bytes: some Collection<UInt8>) -> EventStreamMessage {
        EventStreamMessage("PayloadChunk", "application/octet-stream", bytes)
    }

    /// The last message. `error` says why the response is incomplete; `log` is the end of the log, if the caller wants it.
    static func invokeComplete(_ error: FunctionError?, log: LogTail?) -> EventStreamMessage {
        var json = JSONWriter()
        json.object {
            if let error {
                $0.member("ErrorCode", FunctionError.code)
                $0.member("ErrorDetails", String(decoding: error.body, as: UTF8.self))
            }
            if let log { $0.member("LogResult", log.base64) }
        }
        return EventStreamMessage("InvokeComplete", "application/json", json.finish())
    }
}
