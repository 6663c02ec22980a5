import FunctionCore
import FunctionPlatforms
import Support
import Testing

@Suite("Reading events takes time in proportion to their size")
struct LinearTimeTests {
    private static let events: [@Sendable (Int) -> String] = [
        { v2(stage: HostileText.marks($0)) },
        { v2(stage: "$default" + HostileText.fallingMarks($0).dropFirst()) },
        { v2(headers: "\"a\":\"\(HostileText.marks($0))\"") },
        { v2(headers: "\"\(HostileText.marks($0))\":\"b\"") },
        { v2(body: String(repeating: "QUFB", count: $0)) },
        { count in v2(headers: (0..<count).map { "\"a\($0)\":\"b\"" }.joined(separator: ",")) },
        { "{\"requestContext\":{\"elb\(HostileText.marks($0).dropFirst())\":{}}}" },
        { "{\"requestContext\":{\"elb\":{}},\"httpMethod\":\"GET\(HostileText.marks($0))\",\"path\":\"/\"}" },
        { "{\"version\":\"2.0\(HostileText.marks($0).dropFirst())\"}" },
        { count in
            let values = Array(repeating: "\"\(HostileText.marks(8))\"", count: count / 8).joined(separator: ",")
            return "{\"requestContext\":{\"elb\":{}},\"httpMethod\":\"GET\",\"path\":\"/\","
                + "\"multiValueQueryStringParameters\":{\"a\":[\(values)]}}"
        },
    ]

    private static let cookies: [@Sendable (Int) -> String] = [
        { "[" + Array(repeating: "\"a=b\"", count: $0).joined(separator: ",") + "]" },
        { "[\"a=\(HostileText.marks($0))\"]" },
        { "[\"" + String(repeating: ";", count: $0) + "\"]" },
    ]

    private static func v2(
        stage: String = "$default",
        headers: String = "",
        cookies: String = "[]",
        body: String = ""
    ) -> String {
        "{\"version\":\"2.0\",\"rawPath\":\"/\",\"headers\":{\(headers)},\"cookies\":\(cookies),\"requestContext\":{\"stage\":\"\(stage)\","
            + "\"http\":{\"method\":\"GET\"}},\"body\":\"\(body)\",\"isBase64Encoded\":true}"
    }

    @Test("every kind of event", arguments: 0..<events.count)
    func event(_ index: Int) {
        let growth = Growth.ofTime {
            Array(Self.events[index]($0).utf8)
        } _: { bytes in
            _ = try? PlatformEvent(reading: bytes)
        }
        #expect(growth < Growth.limit)
    }

    @Test("cookies of a request and of a response", arguments: 0..<cookies.count)
    func cookiesGrow(_ index: Int) {
        let growth = Growth.ofTime {
            let cookies = Self.cookies[index]($0)
            return (Array(Self.v2(cookies: cookies).utf8), Array("{\"statusCode\":200,\"cookies\":\(cookies)}".utf8))
        } _: { request, output in
            _ = try? PlatformEvent(reading: request)
            _ = try? GatewaySimulator(kind: .gatewayV2).response(from: output)
        }
        #expect(growth < Growth.limit)
    }
}
