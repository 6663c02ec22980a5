import Function

/// Fn's side of its contract: the request that its agent makes of a client's, and the response in the function's answer.
enum FnFront {
    private static let prefix = "fn-http-h-"
    private static let statusName: Headers.Name = "fn-http-status"

    /// The call that carries `request`, as for a trigger of the app `app`.
    static func call(carrying request: Request) throws(CannotCarry) -> Request {
        let target = "/t/app" + request.path + (request.query.map { "?" + $0 } ?? "")
        guard let method = Headers.Value(request.method.name), let url = Headers.Value(target) else {
            throw CannotCarry("its target fits into no field")
        }
        var call = Request(method: .post, path: "/call", body: request.body)
        call.headers.append("fn-http-method", method)
        call.headers.append("fn-http-request-url", url)
        for field in request.headers.fields {
            if let name = Headers.Name(prefix + field.name.string) { call.headers.append(name, field.value) }
        }
        return call
    }

    /// The response that the client gets.
    static func response(within answer: Response) throws(CannotCarry) -> Response {
        guard answer.status == .ok, let status = answer.headers[statusName].flatMap({ Int($0.string) }),
            (200...599).contains(status)
        else {
            throw CannotCarry("the function's answer has no fn-http-status from 200 to 599")
        }
        var response = Response(Status(status), body: answer.body)
        for field in answer.headers.fields where field.name.string.hasPrefix(prefix) {
            if let name = Headers.Name(String(field.name.string.dropFirst(prefix.count))) {
                response.headers.append(name, field.value)
            }
        }
        return response
    }
}
