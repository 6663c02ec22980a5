import FunctionRedis
import Support
import Testing

@Suite("Replies and URLs are read in linear time")
struct LinearTimeTests {
    private static let texts: [String: @Sendable (Int) -> String] = [
        "many replies": { String(repeating: ":1\r\n", count: $0) },
        "an array": { "*\($0)\r\n" + String(repeating: "$1\r\na\r\n", count: $0) },
        "a string": { "$\($0 * 16)\r\n" + String(repeating: "a", count: $0 * 16) + "\r\n" },
        "arrays in arrays": { String(repeating: "*1\r\n*1\r\n*1\r\n:1\r\n", count: $0) },
        "an error of combining marks": { "-" + HostileText.marks(min($0, 30_000)) + "\r\n" },
    ]

    @Test("replies, in pieces of 1000 bytes", arguments: texts.keys.sorted())
    func replies(name: String) throws {
        let make = try #require(Self.texts[name])
        let growth = Growth.ofTime {
            Array(make($0).utf8)
        } _: { bytes in
            var reader = ReplyReader()
            for start in stride(from: 0, to: bytes.count, by: 1000) {
                bytes[start..<min(start + 1000, bytes.count)].withUnsafeBytes { reader.feed($0) }
                while let reply = try? reader.next() {
                    guard case .error(let error) = reply else { continue }
                    _ = (error.code, error.isUnavailability, error.precedesExecution)
                }
            }
        }
        #expect(growth < Growth.limit)
    }

    private static let urls = [
        Hostile("many servers") { "redis+cluster://" + String(repeating: "a:1,", count: $0) + "a" },
        Hostile("a long name") { "redis://" + String(repeating: "a", count: $0) },
        Hostile("a name of combining marks") { "redis://" + HostileText.marks($0) },
        Hostile("a password of combining marks") { "redis://:" + HostileText.fallingMarks($0) + "@a" },
        Hostile("a password of percent signs") { "redis://:" + String(repeating: "%41", count: $0) + "@a" },
        Hostile("many at signs") { "redis://" + String(repeating: "@", count: $0) },
        Hostile("many colons") { "redis://" + String(repeating: ":", count: $0) },
        Hostile("many options") { "redis://a/0?" + String(repeating: "db=1&", count: $0) },
        Hostile("a long database") { "redis://a/" + String(repeating: "1", count: $0) },
        Hostile("a long port") { "redis://a:" + String(repeating: "1", count: $0) },
        Hostile("a long path") { "unix://" + String(repeating: "/", count: $0) },
        Hostile("a scheme of combining marks") { "redis" + HostileText.marks($0) + "://a" },
    ]

    @Test("URLs", arguments: urls)
    func url(_ hostile: Hostile) {
        let growth = Growth.ofTime(hostile.text) { text in
            do throws(RedisURLError) { _ = try RedisURL(text).description } catch { _ = error.description }
        }
        #expect(growth < Growth.limit)
    }
}
