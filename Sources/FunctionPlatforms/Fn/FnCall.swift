import FunctionBytes
package import FunctionCore

/// Converts between a client's request and the call that carries it on Fn and OCI Functions: `POST /call` (Fn's
/// container contract, format `http-stream`).
///
/// Special fields of the call hold the method and the URL; the client's fields have a prefix. The response to the call
/// is always 200: a special field holds the status, and the fields have the same prefix. A call without an HTTP trigger
/// (`fn invoke`) has none of these fields: it is read as a POST of its body to `/`.
package enum FnCall {
    /// The only path that the platform calls.
    package static let path = "/call"
    private static let methodName: Headers.Name = "fn-http-method"
    private static let urlName: Headers.Name = "fn-http-request-url"
    private static let statusName: Headers.Name = "fn-http-status"

    /// The platform's side: the call that carries `request`, as if by a trigger of the app `app`. Nil if the method or
    /// the target is not legal in a field.
    package static func call(carrying request: Request) -> Request? {
        let target = "/t/app" + request.path + (request.query.map { "?" + $0 } ?? "")
        guard let method = Headers.Value(request.method.name), let url = Headers.Value(target) else { return nil }
        var headers: Headers = [methodName: method, urlName: url]
        headers.append(prefixed: request.headers)
        return Request(method: .post, path: path, headers: headers, body: request.body)
    }

    /// The function's side: the request inside `call`; nil if its method or URL is not legal.
    package static func request(within call: Request) -> Request? {
        var request = call
        request.headers = Headers(unprefixed: call.headers)
        // If the client sent no Content-Type, that of the call describes the content.
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

    /// The function's side: the response to the call, which carries `response`.
    package static func response(carrying response: Response) -> Response {
        var wrapper = response
        var headers = Headers()
        headers.reserveCapacity(response.headers.fields.count + 2)
        headers.append(statusName, Headers.Value(response.status.code))
        headers.append(prefixed: response.headers)
        // Without it the platform treats the content as text.
        if let type = response.headers[.contentType] { headers.append(.contentType, type) }
        wrapper.status = .ok
        wrapper.headers = headers
        return wrapper
    }

    /// The platform's side: the response inside `wrapper`; nil unless that is a 200 which holds a status from 200 to
    /// 599.
    package static func response(within wrapper: Response) -> Response? {
        guard wrapper.status == .ok, let status = wrapper.headers[statusName].flatMap({ Int($0.string) }),
            (200...599).contains(status)
        else { return nil }
        return Response(Status(status), headers: Headers(unprefixed: wrapper.headers), body: wrapper.body)
    }

    /// Path and query of an absolute URL, or of one that begins with a slash; nil for anything else.
    private static func target(ofURL url: String) -> String? {
        guard url.utf8.allSatisfy(ASCIISet.visible.removing(UInt8(ascii: "#")).contains) else { return nil }
        if url.hasPrefix("/") { return url }
        guard let scheme = ["http://", "https://"].first(where: url.hasPrefix) else { return nil }
        let rest = url.dropFirst(scheme.utf8.count)
        guard let start = rest.firstIndex(where: { $0 == "/" || $0 == "?" }) else { return "/" }
        return rest[start] == "?" ? "/" + rest[start...] : String(rest[start...])
    }

    /// Removes `/t/APP`, under which Fn serves a trigger: it is not part of the function's path.
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
