import FunctionCore
import Support
import Testing

@Suite("Reading hostile input takes linear time")
struct LinearTimeTests {
    private static let jsonTexts = [
        Hostile("a name of combining marks beside another") { "{\"b\":1,\"\(HostileText.marks($0))\":2}" },
        Hostile("a name of falling marks beside another") { "{\"b\":1,\"\(HostileText.fallingMarks($0))\":2}" },
        Hostile("many members, one of marks") { count in
            "{" + (0..<40).map { "\"\($0)\":0," }.joined() + "\"\(HostileText.marks(count))\":2}"
        },
        Hostile("many members") { count in "{" + (0..<count).map { "\"n\($0)\":0" }.joined(separator: ",") + "}" },
        Hostile("many elements") { "[" + String(repeating: "0,", count: $0) + "0]" },
        Hostile("a long string of escapes") { "\"" + String(repeating: "\\u00e9", count: $0) + "\"" },
        Hostile("a long number") { String(repeating: "1", count: min($0, 32_768)) + "e-32768" },
        Hostile("many lines before an error") { String(repeating: "\n", count: $0) + "?" },
        Hostile("many lists that end") { "[" + String(repeating: "[],", count: $0) + "[" },
    ]

    @Test("JSON", arguments: jsonTexts)
    func json(_ hostile: Hostile) {
        let growth = Growth.ofTime {
            Array(hostile.text($0).utf8)
        } _: { bytes in
            guard let json = try? JSONReader.read(bytes), case .object(let members) = json else { return }
            _ = members.value(of: "token")
            _ = json == json
            _ = JSONPointer.root.appending(members.last?.name ?? "").description
        }
        #expect(growth < Growth.limit)
    }

    @Test(
        "a query",
        arguments: [
            Hostile("a name of marks") { "\(HostileText.marks($0))=1&token=2" },
            Hostile("a value of marks") { "token=\(HostileText.marks($0))&token=\(HostileText.marks($0))" },
            Hostile("many parameters") { String(repeating: "a=1&", count: $0) },
            Hostile("nothing but percent signs") { String(repeating: "%", count: $0) },
            Hostile("nothing but plus signs") { String(repeating: "+", count: $0) },
        ]
    )
    func query(_ hostile: Hostile) {
        let growth = Growth.ofTime(hostile.text) { text in
            let parameters = Parameters(text)
            _ = parameters["token"]
            _ = parameters == Parameters(text)
            _ = Set(parameters.all.map { ExactText($0.name) }).count
        }
        #expect(growth < Growth.limit)
    }

    @Test(
        "server-sent events, in pieces of 7 bytes",
        arguments: [
            Hostile("a field's name of marks") { "\(HostileText.marks($0)): 1\n\n" },
            Hostile("lines without end") { String(repeating: "x", count: $0) },
            Hostile("many lines of data") { String(repeating: "data\n", count: $0) + "\n" },
            Hostile("carriage returns") { String(repeating: "\r", count: $0) },
            Hostile("an id of marks") { "id: \(HostileText.marks($0))\ndata: 1\n\n" },
        ]
    )
    func events(_ hostile: Hostile) {
        let growth = Growth.ofTime {
            Array(hostile.text($0).utf8)
        } _: { bytes in
            var parser = ServerSentEventParser()
            var encoded: [UInt8] = []
            for start in stride(from: 0, to: bytes.count, by: 7) {
                let events = try? parser.feed(Array(bytes[start..<min(start + 7, bytes.count)]))
                for event in events ?? [] { event.append(to: &encoded) }
            }
        }
        #expect(growth < Growth.limit)
    }

    @Test("text in chunks of a few bytes, and header values")
    func others() {
        let chunks = Growth.ofTime {
            Array(HostileText.marks($0).utf8)
        } _: { bytes in
            var texts = TextChunks()
            for byte in bytes { _ = texts.take([byte]) }
        }
        #expect(chunks < Growth.limit)
        let values = Growth.ofTime {
            String(repeating: "\u{E9}=\u{E8};", count: $0)
        } _: { text in
            _ = Headers.Value(text) == Headers.Value(text)
            _ = TraceContext(xray: text)
            _ = TraceContext(traceparent: text)
        }
        #expect(values < Growth.limit)
        let encoded = Growth.ofTime {
            String(repeating: "A", count: $0 * 4)
        } _: { text in
            _ = Base64.decode(text)
        }
        #expect(encoded < Growth.limit)
    }
}
