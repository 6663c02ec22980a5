import FunctionCore

extension PlatformEvent {
    /// Who calls the function, and so how it is answered.
    public enum Kind: String, CaseIterable, Sendable {
        /// An HTTP API or a function URL: payload format 2.0.
        case gatewayV2 = "v2"
        /// A REST API, or an HTTP API with payload format 1.0.
        case gatewayV1 = "v1"
        /// An Application Load Balancer whose target group has multi-value headers off, as is the default.
        case loadBalancer = "alb"
        /// One whose target group has them on.
        case multiValueLoadBalancer = "alb-multi"

        /// The longest answer that the platform takes, in bytes of JSON; it says 502 to a longer one. No request's body
        /// may be longer either.
        public var answerLimit: Int {
            switch self {
            case .gatewayV2, .gatewayV1: 6 << 20
            case .loadBalancer, .multiValueLoadBalancer: 1 << 20
            }
        }

        /// Whether the platform passes a streamed answer on as it comes, if it is set so. Load balancers take whole ones.
        package var streams: Bool { self == .gatewayV2 || self == .gatewayV1 }

        /// The kind that an event is of by its members.
        init(of event: inout JSONObject) throws(PlatformEventError) {
            if let other = Self.other(&event) { throw .unknownKind(reason: other) }
            let version = event["version"]
            if version == .string("2.0") {
                self = .gatewayV2
            } else if case .object(let context)? = event["requestContext"],
                let balancer = context.value(of: "elb"), balancer != .null
            {
                // Such a target group has the one or the other, never both.
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

/// Events that look like a request's and are none. Each is told by its name: were an authorizer's served as a request, it
/// would mint a token that nobody asked for.
extension PlatformEvent.Kind {
    /// Which of them the event is; nil if none.
    static func other(_ event: inout JSONObject) -> String? {
        // docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
        // docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
        if case .string(let type)? = event["type"], ["REQUEST", "TOKEN"].contains(where: type.hasSameBytes),
            event["methodArn"] != nil || event["routeArn"] != nil
        {
            return "a Lambda authorizer's event (type \"\(type)\"): this function authorizes by itself,"
                + " attach it as an integration"
        }
        // docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html: format 1.0 is the only one with raw_path.
        if event["raw_path"] != nil { return lattice }
        guard case .object(let context)? = event["requestContext"] else { return nil }
        // docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
        if case .string? = context.value(of: "connectionId") {
            return "a WebSocket API's event: this function is for HTTP, attach it to an HTTP or REST API"
        }
        if case .string? = context.value(of: "serviceNetworkArn") { return lattice }
        return nil
    }

    private static let lattice =
        "a VPC Lattice event: call this function by a function URL, an HTTP or REST API, or a load balancer"
}
