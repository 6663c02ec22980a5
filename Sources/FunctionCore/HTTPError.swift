/// An error that a client receives, and the one place that writes its response:
///
///     {"error":"There is no such workflow.","success":false,"code":"workflow_not_found"}
///
/// Each function lists its errors as static values in one file, such as functions/token/Handler/TokenErrors.swift.
/// CommonErrors.swift has those that functions share and those of the runtime. The body is encoded once, in `init`.
public struct HTTPError: Error, Sendable {
    public let status: Status
    /// For programs, such as `overloaded`; nil only where the published API has none.
    public let code: String?
    /// For people.
    public let text: String
    /// The fields that the status requires: allow, retry-after, www-authenticate.
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

    /// Makes the response; `cause` is for the operator's log.
    public func response(cause: String? = nil) -> Response {
        var headers = Headers.common(.json)
        for field in fields.fields { headers.append(field.name, field.value) }
        return Response(status, headers: headers, body: .bytes(body), cause: cause)
    }
}

/// Makes a function's response to an error outside its handler, such as a malformed request or an overloaded server. It
/// may replace the text. `request` is nil if the head could not be read.
public typealias ErrorResponse = @Sendable (_ error: HTTPError, _ request: Request?) -> Response

extension Headers {
    /// The fields of every response. They forbid caching and guessing the type, and links in it send no referrer.
    /// The type is nil if there is no content.
    package static func common(_ contentType: Value?) -> Headers {
        var headers = Headers()
        // Enough for the largest, that of a mint: it adds two rate limit fields and the request's id.
        headers.reserveCapacity(7)
        if let contentType { headers.append(.contentType, contentType) }
        for field in commonFields { headers.append(field.name, field.value) }
        return headers
    }

    private static let commonFields = [
        Field(.cacheControl, "no-store"),
        Field(.xContentTypeOptions, "nosniff"),
        Field(.referrerPolicy, "no-referrer"),
    ]
}

extension Headers.Value {
    package static let json: Self = "application/json"
}
