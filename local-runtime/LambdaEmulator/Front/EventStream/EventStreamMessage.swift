import FunctionBytes
import FunctionCore

/// A message of `application/vnd.amazon.eventstream`, in which AWS' SDKs take what is streamed
/// (smithy.io/2.0/aws/amazon-eventstream.html):
///
///     length of all │ length of the headers │ CRC of both │ headers │ payload │ CRC of all before
///
/// Numbers are unsigned, 32 bits, the highest first.
struct EventStreamMessage: Sendable {
    /// What all strings among the headers begin with: one byte of length and the name, 7, two bytes of length and the value.
    private static let string: UInt8 = 7
    private static let preludeLength = 12
    private static let checksumLength = 4

    /// As it is sent.
    let bytes: [UInt8]

    /// An event of that type. A header has at most 255 bytes in its name and 32,767 in its value.
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

/// What InvokeWithResponseStream streams (docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html).
extension EventStreamMessage {
    /// A piece of the function's answer.
    static func payloadChunk(_ bytes: some Collection<UInt8>) -> EventStreamMessage {
        EventStreamMessage("PayloadChunk", "application/octet-stream", bytes)
    }

    /// The last message. `error` is what kept the answer from its end, `log` the end of the log if it was asked for.
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
