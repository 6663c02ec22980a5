import FunctionBytes
package import FunctionCore

/// A request of a client within one of Fn or OCI Functions: `POST /call` (Fn's container contract, format `http-stream`).
///
/// Method and URL stand in fields of their own, each of the client's fields under a name with a prefix; so it is with the
/// answer, which itself is always a 200. A call without an HTTP trigger (`fn invoke`) has none of this: it is a POST of
/// what was passed, to `/`.
package enum FnCall {
    /// The one path at which the platform calls.
    package static let path = "/call"
    private static let methodName: Headers.Name = "fn-http-method"
    private static let urlName: Headers.Name = "fn-http-request-url"
    private static let statusName: Headers.Name = "fn-http-status"

    /// The platform's side: the call that carries `request`, as for a trigger of the app `app`. Nil if its target fits
    /// into no field.
    package static func call(carrying request: Request) -> Request? {
        let target = "/t/app" + request.path + (request.query.map { "?" + $0 } ?? "")
        guard let method = Headers.Value(request.method.name), let url = Headers.Value(target) else { return nil }
        var headers: Headers = [methodName: method, urlName: url]
        headers.append(prefixed: request.headers)
        return Request(method: .post, path: path, headers: headers, body: request.body)
    }

    /// The function's side: the request within `call`; nil if it has no legal method or URL.
    package static func request(within call: Request) -> Request? {
        var request = call
        request.headers = Headers(unprefixed: call.headers)
        // Where the client has sent none over HTTP, those of the call tell what its content is.
        if request.headers[.contentType] == nil, let type = call.headers[.contentType] {
            request.headers.append(.contentType, type)
        }
        request.method = .post
        request.path = "/"
        request.query = nil
        if let name = call.headers[methodName]?.string {
            guard let method = Method(name) else { return nil }
            request.method = method
        }
        if let url = call.headers[urlName]?.string {
            guard let target = target(ofURL: url) else { return nil }
            let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            request.path = withoutTrigger(String(parts[0]))
            request.query = parts.count > 1 ? String(parts[1]) : nil
        }
        return request
    }

    /// The function's side: the answer that carries `response`.
    package static func answer(carrying response: Response) -> Response {
        var answer = response
        var headers = Headers()
        headers.reserveCapacity(response.headers.fields.count + 2)
        headers.append(statusName, Headers.Value(response.status.code))
        headers.append(prefixed: response.headers)
        // Without it the platform takes the answer for text.
        if let type = response.headers[.contentType] { headers.append(.contentType, type) }
        answer.status = .ok
        answer.headers = headers
        return answer
    }

    /// The platform's side: the response within `answer`; nil if that is no 200 with a status from 200 to 599.
    package static func response(within answer: Response) -> Response? {
        guard answer.status == .ok, let status = answer.headers[statusName].flatMap({ Int($0.string) }),
            (200...599).contains(status)
        else { return nil }
        return Response(Status(status), headers: Headers(unprefixed: answer.headers), body: answer.body)
    }

    /// Path and query of a URL, be it absolute or not; nil if it is neither.
    private static func target(ofURL url: String) -> String? {
        guard url.utf8.allSatisfy(ASCIISet.visible.removing(UInt8(ascii: "#")).contains) else { return nil }
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

extension Headers {
    private static let prefix = "fn-http-h-"

    fileprivate mutating func append(prefixed headers: Headers) {
        for field in headers.fields {
            // A prefix of letters and dashes keeps a legal name legal.
            if let name = Name(Self.prefix + field.name.string) { append(name, field.value) }
        }
    }

    fileprivate init(unprefixed headers: Headers) {
        self.init()
        for field in headers.fields where field.name.string.hasPrefix(Self.prefix) {
            if let name = Name(String(field.name.string.dropFirst(Self.prefix.count))) { append(name, field.value) }
        }
    }
}
