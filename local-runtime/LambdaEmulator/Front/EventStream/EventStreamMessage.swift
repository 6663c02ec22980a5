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

    /// A message of these headers, of at most 255 bytes a name and 32,767 a value.
    init(_ headers: [(name: StaticString, value: StaticString)], _ payload: some Collection<UInt8>) {
        var encoded: [UInt8] = []
        for header in headers {
            encoded.append(UInt8(header.name.utf8CodeUnitCount))
            encoded += header.name.description.utf8
            encoded.append(Self.string)
            encoded += Self.octets(UInt16(header.value.utf8CodeUnitCount))
            encoded += header.value.description.utf8
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
