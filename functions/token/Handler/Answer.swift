import Function
import FunctionBytes
import Tokens

/// The answers of the function, byte for byte.
enum Answer {
    static let failureText = "Failed to create token, please try again or contact support."

    static func minted(_ token: String, ttl: Int, _ rate: Rate) -> Response {
        // Nothing in a token needs escaping, so that its bytes go in as they are.
        var body: [UInt8] = []
        body.reserveCapacity(112)
        body += #"{"success":true,"token":""#.utf8
        body += token.utf8
        body += #"","ttl":"#.utf8
        body.append(decimal: ttl)
        body.append(UInt8(ascii: "}"))
        return response(.ok, body, rate: rate)
    }

    static func unauthorized(credentialGiven: Bool, cause: String) -> Response {
        var response = response(.unauthorized, unauthorizedBody, cause: cause)
        // A client that gave nothing learns only what to give (RFC 6750, section 3.1).
        response.headers.append(.wwwAuthenticate, credentialGiven ? #"Bearer error="invalid_token""# : "Bearer")
        return response
    }

    static func invalidTTL() -> Response {
        response(.badRequest, invalidTTLBody)
    }

    static func limited(_ rate: Rate, cause: String) -> Response {
        var response = response(.tooManyRequests, limitedBody, rate: rate, cause: cause)
        response.headers.append(.retryAfter, Headers.Value((rate.retryAfter + 999) / 1000))
        return response
    }

    static func noCredits(_ rate: Rate, cause: String) -> Response {
        response(.paymentRequired, noCreditsBody, rate: rate, cause: cause)
    }

    static func failed(cause: String) -> Response {
        response(.internalServerError, failedBody, cause: cause)
    }

    static func error(_ status: Status, _ text: String, code: String) -> Response {
        response(status, body(text, code: code))
    }

    private static func response(
        _ status: Status,
        _ body: [UInt8],
        rate: Rate? = nil,
        cause: String? = nil
    ) -> Response {
        var headers = Headers()
        headers.reserveCapacity(fields.count + 3)
        for field in fields { headers.append(field.name, field.value) }
        if let rate {
            headers.append(rateLimit, Headers.Value(rate.limit))
            headers.append(rateRemaining, Headers.Value(rate.remaining))
        }
        return Response(status, headers: headers, body: .bytes(body), cause: cause)
    }

    private static func body(_ text: String, code: String? = nil) -> [UInt8] {
        var json = JSONWriter()
        json.object {
            $0.member("error", text)
            $0.member("success", false)
            if let code { $0.member("code", code) }
        }
        return json.bytes
    }

    private static let rateLimit: Headers.Name = "x-ratelimit-limit"
    private static let rateRemaining: Headers.Name = "x-ratelimit-remaining"

    private static let fields = [
        Headers.Field(.contentType, "application/json"),
        Headers.Field(.cacheControl, "no-store"),
        Headers.Field(.xContentTypeOptions, "nosniff"),
        Headers.Field(.referrerPolicy, "no-referrer"),
    ]

    private static let unauthorizedBody = body("Unauthorized. Please provide a valid secret key.")
    private static let invalidTTLBody = body(
        "Invalid ttl. Expected a whole number of seconds from 1 to 300.",
        code: "invalid_ttl"
    )
    private static let limitedBody = body("Rate limit exceeded")
    private static let noCreditsBody = body(
        "No credits remaining. Please add credits to continue using the service.",
        code: "invalid_billing"
    )
    private static let failedBody = body(failureText, code: "internal_server_error")
}
