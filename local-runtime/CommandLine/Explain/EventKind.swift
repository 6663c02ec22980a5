import FunctionCore
import FunctionPlatforms

/// Which kind of event something is, and which of its members say so.
struct EventKind: Sendable {
    /// Whose event it is.
    let name: String
    /// What tells it, a line each, with JSON pointers.
    let reasons: [String]
    /// Nil for the short form.
    let platform: PlatformEvent.Kind?

    /// The kind of what ``EventReader`` takes.
    init(_ bytes: [UInt8]) {
        platform = (try? PlatformEvent(reading: bytes))?.kind
        let event = try? JSONObject(reading: bytes)
        (name, reasons) =
            switch platform {
            case nil:
                (
                    "the short form",
                    ["it has none of the members that tell AWS' events: version, requestContext, httpMethod, resource"]
                )
            case .gatewayV2: Self.gatewayV2(event)
            case .gatewayV1: Self.gatewayV1(event)
            case .loadBalancer: Self.loadBalancer("off", "#/multiValueHeaders is not")
            case .multiValueLoadBalancer: Self.loadBalancer("on", "#/multiValueHeaders is an object")
            }
    }

    private static func loadBalancer(_ multiValue: String, _ reason: String) -> (String, [String]) {
        ("a load balancer's event, multi-value headers \(multiValue)", ["#/requestContext/elb is there", reason])
    }

    private static func gatewayV2(_ event: JSONObject?) -> (String, [String]) {
        var event = event
        var context = try? event?.nested("requestContext")
        let version = "#/version is \"2.0\""
        guard let domain = try? context?.string("domainName") else {
            return (
                "an HTTP API's or a function URL's event (payload format 2.0)",
                [version, "#/requestContext/domainName is not there, which would tell the two apart"]
            )
        }
        let isFunctionURL = domain.contains(".lambda-url.")
        return (
            "\(isFunctionURL ? "a function URL" : "an HTTP API")'s event (payload format 2.0)",
            [version, "#/requestContext/domainName \(isFunctionURL ? "has" : "does not have") .lambda-url. in it"]
        )
    }

    private static func gatewayV1(_ event: JSONObject?) -> (String, [String]) {
        var event = event
        let reasons = ["#/httpMethod and #/resource are there"]
        guard event?["version"] == .string("1.0") else {
            return ("a REST API's event", reasons + ["#/version is not \"1.0\", as an HTTP API would have it"])
        }
        return ("an HTTP API's event (payload format 1.0)", reasons + ["#/version is \"1.0\""])
    }
}
