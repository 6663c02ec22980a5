import FunctionBytes
public import FunctionCore

/// Simulates the service in front of a function on AWS: makes events of requests, and the client's responses of the
/// function's output.
///
/// It is the inverse of ``PlatformEvent``, including the faults of the platforms: whatever a kind of event does not
/// carry is lost. It does not add fields to a response (ids, date), nor rename any as REST APIs do.
public struct GatewaySimulator: Sendable {
    public let kind: PlatformEvent.Kind
    /// The host name in events.
    let host: String
    /// The account in events, 12 digits.
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

    /// The event of a request with the complete body `body`. The target `*` becomes `/`.
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

    /// The fields that reach the function: without those of the connection, but with those about the client's address.
    private static func forwarded(_ headers: Headers, _ context: FrontContext) -> Headers {
        var headers = Headers(headers.fields.filter { !isOfConnection($0.name) })
        let proxies = headers.values(of: "x-forwarded-for").map(\.string)
        headers["x-forwarded-for"] = Headers.Value((proxies + [context.sourceIP]).joined(separator: ", "))
        headers["x-forwarded-port"] = "443"
        headers["x-forwarded-proto"] = "https"
        return headers
    }

    private static func isOfConnection(_ name: Headers.Name) -> Bool {
        name == .expect || (ResponseFields.isPlatforms(name) && name != .contentLength && name != .date)
    }

    /// Writes `body` and `isBase64Encoded`; if the body is empty, `nothing` writes the former.
    func write(_ body: [UInt8], isText: Bool, to json: inout JSONWriter, nothing: (inout JSONWriter) -> Void) {
        let text = isText ? String(validating: body, as: UTF8.self) : nil
        if body.isEmpty {
            nothing(&json)
        } else {
            json.member("body", text ?? Base64.encode(body))
        }
        json.member("isBase64Encoded", text == nil && !body.isEmpty)
    }

    /// Whether a load balancer, an HTTP API or a function URL passes a body on as text
    /// (docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html).
    static func isText(_ headers: Headers) -> Bool {
        guard headers["content-encoding"] == nil, let type = headers[.contentType] else { return false }
        let essence = type.string.prefix { $0 != ";" && $0 != " " }.lowercased()
        return essence.hasPrefix("text/")
            || ["application/json", "application/javascript", "application/xml"].contains(essence)
    }
}

/// The properties of a request that a platform adds to its event.
public struct FrontContext: Sendable {
    /// The platform's name for the request.
    public let requestID: String
    /// When the request arrived, in milliseconds since 1970.
    public let time: Int
    /// The client's address.
    public let sourceIP: String

    public init(requestID: String, time: Int, sourceIP: String) {
        self.requestID = requestID
        self.time = time
        self.sourceIP = sourceIP
    }

    /// Times before 1970 become its first second.
    var loggedTime: String { CalendarTime(second: max(0, time / 1000)).commonLog }
}
