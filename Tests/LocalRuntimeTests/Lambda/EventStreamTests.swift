import FunctionBytes
import FunctionCore
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeLambda
@testable import LocalRuntimeReplay

@Suite("AWS event streams, byte for byte")
struct EventStreamTests {
    @Test("the checksum matches the standard's example, however its bytes are split")
    func checksum() {
        let bytes = Array("123456789".utf8)
        for split in 0...bytes.count {
            var checksum = CRC32()
            checksum.add(bytes[..<split])
            checksum.add(bytes[split...])
            #expect(checksum.value == 0xCBF4_3926)
        }
        #expect(CRC32().value == 0)
    }

    @Test("a message has the bytes that AWS' own parsers accept")
    func message() {
        // Made by Python's struct and binascii, and read by botocore's EventStreamBuffer.
        let expected =
            "AAAAbQAAAFqPPtR/CzpldmVudC10eXBlBwAMUGF5bG9hZENodW5rDTpjb250ZW50LXR5cGUHABhhcHBsaWNhdGlvbi9vY3RldC1zdHJl"
            + "YW0NOm1lc3NhZ2UtdHlwZQcABWV2ZW50YWJjMMj6ZQ=="
        #expect(Base64.encode(EventStreamMessage.payloadChunk(Array("abc".utf8)).bytes) == expected)
    }

    @Test("a payload of any length is read back", arguments: [0, 1, 65_536, 6 << 20])
    func lengths(count: Int) throws {
        let payload = [UInt8](repeating: 0xA5, count: count)
        let messages = try EventStreamReader.messages(in: EventStreamMessage.payloadChunk(payload).bytes)
        #expect(messages == [.init(type: "PayloadChunk", payload: payload)])
    }

    @Test("the last message of a stream has the error and the log, if there are any")
    func complete() throws {
        var log = LogTail()
        log.append("END\n".utf8)
        let error = FunctionError.told(type: "Function.Odd", body: Array(#"{"errorMessage":"\u0000"}"#.utf8))
        let bytes =
            EventStreamMessage.invokeComplete(nil, log: nil).bytes
            + EventStreamMessage.invokeComplete(error, log: log).bytes
        let texts = try EventStreamReader.messages(in: bytes).map(\.text)
        #expect(
            texts == [
                "{}",
                #"{"ErrorCode":"Unhandled","ErrorDetails":"{\"errorMessage\":\"\\u0000\"}","LogResult":"RU5ECg=="}"#,
            ]
        )
    }

    @Test("the last 4096 bytes of a log are kept, however they are split", arguments: [1, 7, 4095, 4096, 4097, 20_000])
    func tail(length: Int) {
        let bytes = (0..<40_000).map { UInt8($0 % 251) }
        var tail = LogTail()
        for start in stride(from: 0, to: bytes.count, by: length) {
            tail.append(bytes[start..<min(start + length, bytes.count)])
        }
        #expect(tail.bytes.elementsEqual(bytes.suffix(4096)))
    }
}
