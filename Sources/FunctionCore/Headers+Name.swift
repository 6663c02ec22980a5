import FunctionBytes

extension Headers {
    /// A field name (RFC 9110, section 5.1), in lower case.
    public struct Name: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
        public let string: String

        /// Accepts any case; nil if `name` is not a token.
        public init?(_ name: String) {
            guard !name.isEmpty, name.utf8.allSatisfy(ASCIISet.token.contains) else { return nil }
            string = name.lowercased()
        }

        /// For names in source code: traps if the literal is not a token.
        public init(stringLiteral name: StaticString) {
            guard let valid = Name(name.description) else { preconditionFailure("not a field name: \(name)") }
            self = valid
        }

        /// Unchecked: the caller knows that this is a token in lower case.
        package init(lowercasedToken string: String) {
            self.string = string
        }

        public var description: String { string }

        /// Compares lengths first, because most names differ there and comparing strings costs more. Tokens are ASCII, so
        /// `==` compares their bytes.
        public static func == (left: Name, right: Name) -> Bool {
            left.string.utf8.count == right.string.utf8.count && left.string == right.string
        }
    }
}

extension Headers.Name {
    public static let accept: Self = "accept"
    public static let allow: Self = "allow"
    public static let authorization: Self = "authorization"
    public static let cacheControl: Self = "cache-control"
    public static let connection: Self = "connection"
    public static let contentLength: Self = "content-length"
    public static let contentType: Self = "content-type"
    public static let date: Self = "date"
    public static let expect: Self = "expect"
    public static let host: Self = "host"
    public static let origin: Self = "origin"
    public static let referrerPolicy: Self = "referrer-policy"
    public static let retryAfter: Self = "retry-after"
    public static let setCookie: Self = "set-cookie"
    public static let traceparent: Self = "traceparent"
    public static let tracestate: Self = "tracestate"
    public static let transferEncoding: Self = "transfer-encoding"
    public static let vary: Self = "vary"
    public static let wwwAuthenticate: Self = "www-authenticate"
    public static let xAmznTraceID: Self = "x-amzn-trace-id"
    public static let xContentTypeOptions: Self = "x-content-type-options"
    public static let xRequestID: Self = "x-request-id"
}
