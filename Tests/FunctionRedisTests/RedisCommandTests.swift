import Testing

@testable import FunctionRedis

@Suite struct RedisCommandTests {
    private func encoded(_ command: RedisCommand, digest: RedisScript.Digest? = nil) -> String {
        var output: [UInt8] = []
        command.encode(into: &output, digest: digest)
        #expect(output.count <= command.maximumEncodedCount)
        return String(decoding: output, as: UTF8.self)
    }

    @Test("arguments of every kind are encoded with their lengths in bytes")
    func arguments() {
        var command = RedisCommand("SET", "é")
        command.append([0x0D, 0x0A] as [UInt8])
        command.append(String(repeating: "x", count: 10))
        command.append(count: 5) { bytes in
            bytes.append(contentsOf: "ab".utf8)
            bytes.append(contentsOf: "cde".utf8)
        }
        command.append("" as String)
        #expect(
            encoded(command)
                == "*6\r\n$3\r\nSET\r\n$2\r\né\r\n$2\r\n\r\n\r\n$10\r\nxxxxxxxxxx\r\n$5\r\nabcde\r\n$0\r\n\r\n"
        )
    }

    @Test("numbers are written in decimal", arguments: [0, 7, 10, -1, 99, 100, -1000, .max, .min])
    func numbers(number: Int) {
        var command = RedisCommand("X")
        command.append(number)
        #expect(encoded(command) == "*2\r\n$1\r\nX\r\n$\("\(number)".utf8.count)\r\n\(number)\r\n")
    }

    @Test("a script is encoded as text until its digest is known, then by its digest")
    func script() throws {
        let script = RedisScript(Array("return 1".utf8))
        var command = RedisCommand(evaluating: script, keyCount: 1)
        command.append("k")
        command.append(5)
        let rest = "$1\r\n1\r\n$1\r\nk\r\n$1\r\n5\r\n"
        #expect(encoded(command) == "*5\r\n$4\r\nEVAL\r\n$8\r\nreturn 1\r\n" + rest)
        let hexadecimal = String(repeating: "0123456789", count: 4)
        let digest = try #require(RedisScript.Digest(.string(Array(hexadecimal.utf8))))
        #expect(encoded(command, digest: digest) == "*5\r\n$7\r\nEVALSHA\r\n$40\r\n\(hexadecimal)\r\n" + rest)
    }

    @Test("only 40 bytes are a digest", arguments: [RedisReply.null, .string([]), .status("OK"), .integer(40)])
    func digest(reply: RedisReply) {
        #expect(RedisScript.Digest(reply) == nil)
    }

    @Test(
        "a script's digest is its SHA-1",
        arguments: [
            (0, "da39a3ee5e6b4b0d3255bfef95601890afd80709"), (1, "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
            (55, "c1c8bbdc22796e28c0e15163d20899b65621d65a"), (56, "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
            (63, "03f09f5b158a7a8cdad920bddc29b81c18a551f5"), (64, "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
            (1000, "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
        ]
    )
    func digest(count: Int, expected: String) {
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: count)
        #expect(String(decoding: RedisScript.sha1(of: text), as: UTF8.self) == expected)
    }
}
