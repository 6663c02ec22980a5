import Function

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
