import FunctionCore
import Support

extension SeededGenerator {
    private static let pathParts = [
        "a", "%20", "%2F", "%25", "%c3%A9", "%", "/", "//", "..", "+", ":@!$&'()*,;=", "~", ".",
    ]
    private static let queryParts = [
        "a", "b", "a=1", "a=", "=", "&", "&&", "%26", "%3D", "%20", "+", "%2B", "%C3%A9", "%FF", "%", "?", "/", "[]",
        "b=2",
    ]
    private static let names: [Headers.Name] = [
        "accept", "x-a", "x-b", "cookie", "content-type", "content-encoding", "via",
    ]
    private static let values: [Headers.Value] = [
        "", "a", "a, b", "a=1; b=2", "text/plain", "application/json;charset=utf-8", "gzip", "\"quoted \\\" \"",
        "é\u{FF}",
        "tab\tbed",
    ]
    private static let methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "X-Y"]
    private static let statuses = [200, 201, 204, 299, 301, 304, 404, 418, 500, 599]

    mutating func request() -> (Request, body: [UInt8]) {
        let request = Request(
            method: Method(pick(Self.methods)) ?? .get,
            path: "/" + parts(Self.pathParts),
            query: Bool.random(using: &self) ? parts(Self.queryParts) : nil,
            headers: headers(cookie: "cookie")
        )
        return (request, bytes())
    }

    mutating func response() -> (Response, body: [UInt8]) {
        let headers = headers(cookie: "set-cookie")
        return (Response(Status(pick(Self.statuses)), headers: headers), bytes())
    }

    private mutating func headers(cookie: Headers.Name) -> Headers {
        var headers = Headers()
        for _ in 0..<Int.random(in: 0..<8, using: &self) {
            let name = pick(Self.names)
            // Cookies are pairs, separated by a semicolon and a space (RFC 6265, section 4.2.1).
            headers.append(name == "cookie" ? cookie : name, name == "cookie" ? "a=1; b=2" : pick(Self.values))
        }
        return headers
    }

    private mutating func bytes() -> [UInt8] {
        let count = Int.random(in: 0..<40, using: &self)
        switch Int.random(in: 0..<3, using: &self) {
        case 0: return []
        case 1: return (0..<count).map { _ in UInt8.random(in: 0...0x7F, using: &self) }
        default: return (0..<count).map { _ in UInt8.random(in: 0...0xFF, using: &self) }
        }
    }

    private mutating func parts(_ parts: [String]) -> String {
        (0..<Int.random(in: 0..<8, using: &self)).map { _ in pick(parts) }.joined()
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &self)]
    }
}
