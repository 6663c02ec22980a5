import Function

/// What Fn and OCI Functions make of a request: one within `POST /call` (Fn's container contract, format `http-stream`).
///
/// Method and URL stand in fields of their own, each of the client's fields under a name with a prefix; so it is with the
/// answer, which itself is always a 200. A call without an HTTP trigger (`fn invoke`) has none of this: it is a POST of
/// what was passed, to `/`.
enum FnContract {
    /// The one path at which the platform calls.
    static let path = "/call"
    private static let prefix = "fn-http-h-"
    private static let statusName: Headers.Name = "fn-http-status"

    /// The request within `call`; nil if it has no legal method or URL.
    static func request(within call: Request) -> Request? {
        var request = call
        request.headers = inner(call.headers)
        request.method = .post
        request.path = "/"
        request.query = nil
        if let name = call.headers["fn-http-method"]?.string {
            guard let method = Method(name) else { return nil }
            request.method = method
        }
        if let url = call.headers["fn-http-request-url"]?.string {
            guard let target = target(ofURL: url) else { return nil }
            let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            request.path = withoutTrigger(String(parts[0]))
            request.query = parts.count > 1 ? String(parts[1]) : nil
        }
        return request
    }

    /// The answer that carries `response`.
    static func answer(carrying response: Response) -> Response {
        var answer = response
        var headers = Headers()
        headers.reserveCapacity(response.headers.fields.count + 2)
        headers.append(statusName, Headers.Value(response.status.code))
        for field in response.headers.fields {
            // A prefix of letters and dashes keeps a legal name legal.
            if let name = Headers.Name(prefix + field.name.string) { headers.append(name, field.value) }
        }
        // Without it the platform takes the answer for text.
        if let type = response.headers[.contentType] { headers.append(.contentType, type) }
        answer.status = .ok
        answer.headers = headers
        return answer
    }

    /// The status that `answer` carries; nil if it carries none.
    static func status(of answer: Response) -> Status? {
        answer.headers[statusName].flatMap { Int($0.string) }.flatMap {
            (200...599).contains($0) ? Status($0) : nil
        }
    }

    /// The id of the request that `answer` carries the response to.
    static func requestID(of answer: Response) -> Headers.Value? {
        answer.headers["fn-http-h-x-request-id"]
    }

    /// The client's own fields; where it has sent none over HTTP, those of the call that tell what its content is.
    private static func inner(_ headers: Headers) -> Headers {
        var inner = Headers()
        for field in headers.fields where field.name.string.hasPrefix(prefix) {
            let name = String(field.name.string.dropFirst(prefix.count))
            if let name = Headers.Name(name) { inner.append(name, field.value) }
        }
        if inner[.contentType] == nil, let type = headers[.contentType] { inner.append(.contentType, type) }
        return inner
    }

    /// Path and query of a URL, be it absolute or not; nil if it is neither.
    private static func target(ofURL url: String) -> String? {
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }) else { return nil }
        if url.hasPrefix("/") { return url }
        guard let scheme = ["http://", "https://"].first(where: url.hasPrefix) else { return nil }
        let rest = url.dropFirst(scheme.utf8.count)
        guard let start = rest.firstIndex(where: { $0 == "/" || $0 == "?" }) else { return "/" }
        return rest[start] == "?" ? "/" + rest[start...] : String(rest[start...])
    }

    /// Fn serves a trigger under `/t/APP/`, which is no part of what the function knows as its path.
    private static func withoutTrigger(_ path: String) -> String {
        let parts = path.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].isEmpty, parts[1] == "t" else { return path }
        return "/" + parts[3]
    }
}
