import FunctionCore
import Support
import Testing

@testable import FunctionRuntime

@Suite("CLIENT_ADDRESS_HEADER")
struct ClientAddressFieldTests {
    private func field(_ name: String) throws -> ClientAddressField {
        var settings = Settings(environment: ["CLIENT_ADDRESS_HEADER": name])
        let field = ClientAddressField(&settings)
        #expect(settings.problems == [])
        return try #require(field)
    }

    @Test(
        "the last entry is the client's address, in the system's notation",
        arguments: [
            ("192.0.2.7", "192.0.2.7"), ("203.0.113.1, 192.0.2.7", "192.0.2.7"), ("evil,\t 192.0.2.7", "192.0.2.7"),
            ("2001:DB8:0::1", "2001:db8::1"), ("[2001:db8::1]", "2001:db8::1"), ("[2001:db8::1]:443", "2001:db8::1"),
            ("192.0.2.7:55123", "192.0.2.7"), ("::ffff:192.0.2.7", "::ffff:192.0.2.7"),
        ]
    )
    func address(value: String, address: String) throws {
        let headers: Headers = ["x-forwarded-for": try #require(Headers.Value(value))]
        try expect(field(" X-Forwarded-For\n").address(in: headers), is: address)
    }

    @Test(
        "an entry that is not an address is ignored",
        arguments: [
            "", ",", "192.0.2.7,", "192.0.2.7, unknown", "unknown", "_hidden", "192.0.2", "192.0.2.256", "0x7f.1",
            "192.0.2.7 x", "192.0.2.7:", "192.0.2.7:0", "192.0.2.7:65536", "[192.0.2.7", "[]", "fe80::1%eth0", "::1::",
            "for=192.0.2.7", "localhost", "192.0.2.7;", #""192.0.2.7""#, "\u{B9}92.0.2.7",
            "192.0.2.7" + String(repeating: "0", count: 100),
        ]
    )
    func refused(value: String) throws {
        let headers: Headers = ["x-forwarded-for": try #require(Headers.Value(value))]
        try expect(field("x-forwarded-for").address(in: headers), is: nil)
    }

    @Test("of several fields the last one counts, which the nearest proxy wrote; other names do not count")
    func repeats() throws {
        var headers: Headers = ["x-forwarded-for": "203.0.113.1", "x-real-ip": "203.0.113.2"]
        headers.append("x-forwarded-for", "192.0.2.7")
        try expect(field("x-forwarded-for").address(in: headers), is: "192.0.2.7")
        try expect(field("cf-connecting-ip").address(in: headers), is: nil)
    }

    @Test(
        "is optional, and must be the name of a field",
        arguments: ["", "a b", "x:", "é"]
    )
    func setting(value: String) {
        var settings = Settings(environment: ["CLIENT_ADDRESS_HEADER": value])
        #expect(ClientAddressField(&settings) == nil)
        #expect(settings.problems.count == (value.isEmpty ? 0 : 1))
    }

    @Test("a long list takes linear time")
    func linear() throws {
        let field = try field("x-forwarded-for")
        for piece in [",", ", 1", "1,", "[", ":", " ,192.0.2.7"] {
            let growth = Growth.ofTime { count in
                var headers: Headers = [:]
                headers["x-forwarded-for"] = Headers.Value("a" + String(repeating: piece, count: count))
                return headers
            } _: { headers in
                _ = field.address(in: headers)
            }
            #expect(growth < Growth.limit)
        }
    }
}
