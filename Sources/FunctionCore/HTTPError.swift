/// An error as clients are told of it, and the one place that writes its answer:
///
///     {"error":"There is no such workflow.","success":false,"code":"workflow_not_found"}
///
/// Each function lists its own as static values in one file, such as functions/token/Handler/TokenErrors.swift; what
/// several share, and what the runtime answers by itself, stands in CommonErrors.swift. The body is made once, here.
public struct HTTPError: Error, Sendable {
    public let status: Status
    /// A word for programs, such as `overloaded`; nil only where the published form has none.
    public let code: String?
    /// What it means, for people.
    public let text: String
    /// What the status requires beside the body: allow, retry-after, www-authenticate.
    private let fields: Headers
    private let body: [UInt8]

    public init(_ status: Status, _ code: String?, _ text: String, _ fields: Headers = [:]) {
        self.status = status
        self.code = code
        self.text = text
        self.fields = fields
        var json = JSONWriter()
        json.object {
            $0.member("error", text)
            $0.member("success", false)
            if let code { $0.member("code", code) }
        }
        body = json.finish()
    }

    /// The answer; `cause` is for the operator's log.
    public func response(cause: String? = nil) -> Response {
        var headers = Headers.answer(.json)
        for field in fields.fields { headers.append(field.name, field.value) }
        return Response(status, headers: headers, body: .bytes(body), cause: cause)
    }
}

/// How a function presents an error that no handler of its own has answered: a malformed request, an overloaded server.
///
/// It may have a text of its own for it. `request` is there if its head was read.
public typealias ErrorResponse = @Sendable (_ error: HTTPError, _ request: Request?) -> Response

extension Headers {
    /// The fields of every answer: nobody keeps it, guesses its type, or learns by a link where it was read.
    package static func answer(_ contentType: Value) -> Headers {
        var headers = Headers()
        // Enough for a mint's: the rate limit's two and the request's id.
        headers.reserveCapacity(7)
        headers.append(.contentType, contentType)
        for field in common { headers.append(field.name, field.value) }
        return headers
    }

    private static let common = [
        Field(.cacheControl, "no-store"),
        Field(.xContentTypeOptions, "nosniff"),
        Field(.referrerPolicy, "no-referrer"),
    ]
}

extension Headers.Value {
    package static let json: Self = "application/json"
}
