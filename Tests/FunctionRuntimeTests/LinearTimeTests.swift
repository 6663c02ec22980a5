import FunctionCore
import FunctionPlatforms
import Support
import Testing

@testable import FunctionRuntime

@Suite("Settings and calls take time in proportion to their size")
struct LinearTimeTests {
    private static let names = [
        "FUNCTION_CONTRACT", "LAMBDA_INVOKE_MODE", "AWS_LAMBDA_RUNTIME_API", "FN_LISTENER", "FN_FORMAT",
        "FUNCTIONS_CUSTOMHANDLER_PORT", "PORT", "HOST", "LOOPS", "LOG_LEVEL", "AUDIT_LOG", "METRICS_PORT",
    ]

    private static let values = [
        Hostile("digits") { String(repeating: "1", count: $0) },
        Hostile("colons") { String(repeating: ":", count: $0) },
        Hostile("blanks") { String(repeating: " \n", count: $0) + "a" },
        Hostile("slashes") { "unix:" + String(repeating: "/", count: $0) + "a" },
        Hostile("combining marks") { HostileText.marks($0) },
        Hostile("combining marks in a path") { "unix:/" + HostileText.marks($0) },
    ]

    @Test("every setting of the runtime", arguments: names, values)
    func setting(name: String, _ hostile: Hostile) {
        let growth = Growth.ofTime(hostile.text) { value in
            var settings = Settings(environment: [name: value])
            _ = RuntimeOptions(&settings)
            _ = settings.secret(name, default: "none")
        }
        #expect(growth < Growth.limit)
    }

    private static let calls = [
        Hostile("a long URL") { "/" + String(repeating: "a", count: $0) },
        Hostile("a URL of slashes") { String(repeating: "/", count: $0) },
        Hostile("a URL of question marks") { "http://a" + String(repeating: "?", count: $0) },
    ]

    @Test("the URL of a call of Fn", arguments: calls)
    func url(_ hostile: Hostile) {
        let growth = Growth.ofTime {
            var headers: Headers = ["fn-http-method": "GET"]
            headers["fn-http-request-url"] = Headers.Value(hostile.text($0))
            return Request(method: .post, path: "/call", headers: headers, id: "1")
        } _: { call in
            _ = FnCall.request(within: call)
        }
        #expect(growth < Growth.limit)
    }

    @Test("the fields of a call of Fn")
    func fields() {
        let growth = Growth.ofTime {
            var headers: Headers = ["fn-http-method": "GET", "fn-http-request-url": "/"]
            headers.reserveCapacity($0 + 2)
            for number in 0..<$0 {
                headers.append(Headers.Name("fn-http-h-\(number)") ?? "fn-http-h-a", "b")
            }
            return Request(method: .post, path: "/call", headers: headers, id: "1")
        } _: { call in
            _ = FnCall.request(within: call)
        }
        #expect(growth < Growth.limit)
    }
}
