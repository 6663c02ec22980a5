import Function

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

        /// The longest answer that the platform takes, in bytes of JSON; it says 502 to a longer one.
        public var answerLimit: Int {
            switch self {
            case .gatewayV2, .gatewayV1: 6 << 20
            case .loadBalancer, .multiValueLoadBalancer: 1 << 20
            }
        }
    }
}

extension PlatformEvent.Kind {
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
