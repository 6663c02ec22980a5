import Foundation
import FunctionCore
import Support
import Testing

@Suite("Writing JSON")
struct JSONWriterTests {
    private func written(_ write: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        write(&json)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test("commas separate members and elements at every level")
    func nesting() {
        let text = written { json in
            json.object {
                $0.member("a", "b")
                $0.name("c")
                $0.array {
                    $0.value(1)
                    $0.value(false)
                    $0.null()
                    $0.object { _ in }
                    $0.array { _ in }
                    $0.value("x")
                }
                $0.member("d", true)
                $0.name("e")
                $0.object { $0.member("f", -7) }
            }
        }
        #expect(text == #"{"a":"b","c":[1,false,null,{},[],"x"],"d":true,"e":{"f":-7}}"#)
    }

    @Test(
        "numbers are written in full",
        arguments: [
            (0, "0"), (9, "9"), (10, "10"), (-1, "-1"), (-10, "-10"), (300, "300"), (Int.max, "9223372036854775807"),
            (Int.min, "-9223372036854775808"),
        ]
    )
    func numbers(number: Int, text: String) {
        #expect(written { $0.value(number) } == text)
    }

    @Test("only the required characters are escaped, and a reader gets the same text back")
    func strings() throws {
        #expect(
            written { $0.value("\"\\/\n\r\t\u{8}\u{1f}\u{7f}\u{e9}\u{2028}") }
                == "\"\\\"\\\\/\\n\\r\\t\\u0008\\u001f\u{7f}\u{e9}\u{2028}\""
        )
        let all = String(String.UnicodeScalarView((0...0x2FF).compactMap(Unicode.Scalar.init))) + "\u{1F600}"
        let text = written { json in json.array { $0.value(all) } }
        try expect(JSONDecoder().decode([String].self, from: Data(text.utf8)), is: [all])
    }
}
