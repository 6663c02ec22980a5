import Function
import Support
import Testing

@Suite("Texts from outside are compared by their bytes")
struct ExactTextTests {
    private static let composed = "caf\u{E9}"
    private static let decomposed = "cafe\u{301}"

    @Test("what Unicode holds for equal are two texts, in sets and in parameters too")
    func bytesDecide() {
        #expect(Self.composed == Self.decomposed)
        #expect(!Self.composed.hasSameBytes(as: Self.decomposed))
        #expect(Self.composed.hasSameBytes(as: Self.composed[...]))
        #expect(Set([ExactText(Self.composed), ExactText(Self.decomposed), ExactText(Self.composed)]).count == 2)
        // The Kelvin sign is a K to Unicode.
        #expect(ExactText("\u{212A}") != ExactText("K"))
        let parameters = Parameters("caf%C3%A9=1&cafe%CC%81=2")
        #expect(parameters[Self.composed] == "1")
        #expect(parameters[Self.decomposed] == "2")
        #expect(parameters.values(of: Self.composed) == ["1"])
        #expect(Parameters("a=%C3%A9") != Parameters("a=e%CC%81"))
    }

    @Test("an object has members of both names, and each has its own value", arguments: [0, 20])
    func jsonNames(others: Int) throws {
        let filler = (0..<others).map { "\"n\($0)\":0," }.joined()
        let text = "{\(filler)\"\(Self.composed)\":1,\"\(Self.decomposed)\":2}"
        var object = try JSONObject(reading: Array(text.utf8))
        #expect(object[Self.composed] == .number(1))
        #expect(object[Self.decomposed] == .number(2))
        let twice = "{\(filler)\"\(Self.composed)\":1,\"caf\\u00e9\":2}"
        #expect(throws: JSONError.self) { try JSONReader.read(Array(twice.utf8)) }
    }

    @Test("JSON values are equal if their bytes are")
    func jsonValues() {
        #expect(JSON.string(Self.composed) != .string(Self.decomposed))
        let object = JSON.object([.init(name: Self.composed, value: .null)])
        #expect(object != .object([.init(name: Self.decomposed, value: .null)]))
        #expect(JSON.array([.string(Self.composed)]) == .array([.string(Self.composed)]))
    }
}

@Suite("What is read from outside takes time in proportion to its size")
struct LinearTimeTests {
    struct Hostile: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: @Sendable (Int) -> String

        init(_ name: String, _ text: @escaping @Sendable (Int) -> String) {
            testDescription = name
            self.text = text
        }
    }

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
