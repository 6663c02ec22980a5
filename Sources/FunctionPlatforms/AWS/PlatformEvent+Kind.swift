import FunctionCore

extension PlatformEvent {
    /// The service that calls the function, which determines the form of the event and of the response.
    public enum Kind: String, CaseIterable, Sendable {
        /// An HTTP API or a function URL: payload format 2.0.
        case gatewayV2 = "v2"
        /// A REST API, or an HTTP API with payload format 1.0.
        case gatewayV1 = "v1"
        /// An Application Load Balancer whose target group has multi-value headers off, which is the default.
        case loadBalancer = "alb"
        /// An Application Load Balancer whose target group has multi-value headers on.
        case multiValueLoadBalancer = "alb-multi"

        /// Maximum length of a response, in bytes of JSON; the platform replaces a longer one by 502. The same limit
        /// applies to a request's body.
        public var responseLimit: Int {
            switch self {
            case .gatewayV2, .gatewayV1: 6 << 20
            case .loadBalancer, .multiValueLoadBalancer: 1 << 20
            }
        }

        /// Whether the platform can be configured to stream responses. Load balancers cannot.
        package var streams: Bool { self == .gatewayV2 || self == .gatewayV1 }

        /// Determines the kind of an event by its members.
        init(of event: inout JSONObject) throws(PlatformEventError) {
            if let other = Self.other(&event) { throw .unknownKind(reason: other) }
            let version = event["version"]
            if version == .string("2.0") {
                self = .gatewayV2
            } else if case .object(let context)? = event["requestContext"],
                let balancer = context.value(of: "elb"), balancer != .null
            {
                // An event has either these or `headers`, never both.
                if case .object? = event["multiValueHeaders"] {
                    self = .multiValueLoadBalancer
                } else {
                    self = .loadBalancer
                }
            } else if case .string? = event["httpMethod"], case .string? = event["resource"] {
                self = .gatewayV1
            } else {
                throw .unknownKind(reason: Self.lack(of: &event))
            }
        }

        private static func lack(of event: inout JSONObject) -> String {
            if event["httpMethod"] != nil {
                return "an event of no known kind: it has httpMethod, but lacks resource (REST API)"
                    + " and requestContext.elb (load balancer)"
            }
            return "an event of no known kind: it lacks version \"2.0\" (HTTP API, function URL),"
                + " httpMethod and resource (REST API), and requestContext.elb (load balancer)"
        }
    }
}

/// Events that look like requests but are not. The error names what they are: an authorizer's event served as a request
/// would mint a token that nobody asked for.
extension PlatformEvent.Kind {
    /// Describes which of these the event is; nil if none.
    static func other(_ event: inout JSONObject) -> String? {
        // docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
        // docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
        if case .string(let type)? = event["type"], ["REQUEST", "TOKEN"].contains(where: type.hasSameBytes),
            event["methodArn"] != nil || event["routeArn"] != nil
        {
            return "a Lambda authorizer's event (type \"\(type)\"): this function does its own authorization;"
                + " attach it as an integration"
        }
        // docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html: only format 1.0 has raw_path.
        if event["raw_path"] != nil { return lattice }
        guard case .object(let context)? = event["requestContext"] else { return nil }
        // docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
        if case .string? = context.value(of: "connectionId") {
            return "a WebSocket API's event: this function is for HTTP; attach it to an HTTP or REST API"
        }
        if case .string? = context.value(of: "serviceNetworkArn") { return lattice }
        return nil
    }

    private static let lattice =
        "a VPC Lattice event: call this function by a function URL, an HTTP or REST API, or a load balancer"
}
