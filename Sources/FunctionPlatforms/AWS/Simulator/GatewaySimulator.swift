import FunctionBytes
public import FunctionCore

/// What stands before a function on AWS: it makes events of requests, and of the function's answers what the client sees.
///
/// It is the inverse of ``PlatformEvent``, faults of the platforms included: what a kind of event does not carry is lost
/// here. Fields that a platform adds to an answer (its own ids, date) and REST's renaming of some are left out.
public struct GatewaySimulator: Sendable {
    public let kind: PlatformEvent.Kind
    /// The name under which events know the front.
    let host: String
    /// The account that events name, 12 digits.
    let accountID: String

    public init(
        kind: PlatformEvent.Kind,
        host: String = "local.lambda-url.eu-central-1.on.aws",
        accountID: String = "123456789012"
    ) {
        self.kind = kind
        self.host = host
        self.accountID = accountID
    }

    /// The event that the function is handed; `body` is the request's whole body. A target `*` becomes `/`.
    public func event(for request: Request, body: [UInt8], context: FrontContext) -> [UInt8] {
        var request = request
        if request.path.utf8.first != UInt8(ascii: "/") { request.path = "/" }
        request.headers = Self.forwarded(request.headers, context)
        var json = JSONWriter(reservingCapacity: body.count + body.count / 2 + 2048)
        json.object {
            switch kind {
            case .gatewayV2: writeGatewayV2(request, body, context, to: &$0)
            case .gatewayV1: writeGatewayV1(request, body, context, to: &$0)
            case .loadBalancer, .multiValueLoadBalancer: writeLoadBalancer(request, body, to: &$0)
            }
        }
        return json.finish()
    }

    /// The fields that reach the function: not those of the connection, but where the client is.
    private static func forwarded(_ headers: Headers, _ context: FrontContext) -> Headers {
        var headers = Headers(headers.fields.filter { !isOfConnection($0.name) })
        let proxies = headers.values(of: "x-forwarded-for").map(\.string)
        headers["x-forwarded-for"] = Headers.Value((proxies + [context.sourceIP]).joined(separator: ", "))
        headers["x-forwarded-port"] = "443"
        headers["x-forwarded-proto"] = "https"
        return headers
    }

    private static func isOfConnection(_ name: Headers.Name) -> Bool {
        name == .expect || (AnswerFields.isPlatforms(name) && name != .contentLength && name != .date)
    }

    /// Writes `body` and `isBase64Encoded`; of an empty body `nothing` writes the first.
    func write(_ body: [UInt8], isText: Bool, to json: inout JSONWriter, nothing: (inout JSONWriter) -> Void) {
        let text = isText ? String(validating: body, as: UTF8.self) : nil
        if body.isEmpty {
            nothing(&json)
        } else {
            json.member("body", text ?? Base64.encode(body))
        }
        json.member("isBase64Encoded", text == nil && !body.isEmpty)
    }

    /// Whether a load balancer, an HTTP API or a function URL hands a body over as text
    /// (docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html).
    static func isText(_ headers: Headers) -> Bool {
        guard headers["content-encoding"] == nil, let type = headers[.contentType] else { return false }
        let essence = type.string.prefix { $0 != ";" && $0 != " " }.lowercased()
        return essence.hasPrefix("text/")
            || ["application/json", "application/javascript", "application/xml"].contains(essence)
    }
}

/// What a platform knows of a request besides the request.
public struct FrontContext: Sendable {
    /// The platform's name for the request.
    public let requestID: String
    /// When it came, in milliseconds since 1970.
    public let time: Int
    /// The client's address.
    public let sourceIP: String

    public init(requestID: String, time: Int, sourceIP: String) {
        self.requestID = requestID
        self.time = time
        self.sourceIP = sourceIP
    }

    /// Times before 1970 are its first second.
    var loggedTime: String { CalendarTime(second: max(0, time / 1000)).commonLog }
}
