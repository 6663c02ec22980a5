import FunctionCore
import FunctionPlatforms

/// The kind of an event, and the members that show it.
struct EventKind: Sendable {
    /// The kind's name with the platform's.
    let name: String
    /// Why it is of this kind: one line per member, with JSON pointers.
    let reasons: [String]
    /// Nil for the short form.
    let platform: PlatformEvent.Kind?

    /// The kind of an event that ``EventReader`` can read.
    init(_ bytes: [UInt8]) {
        platform = (try? PlatformEvent(reading: bytes))?.kind
        let event = try? JSONObject(reading: bytes)
        (name, reasons) =
            switch platform {
            case nil:
                (
                    "the short form",
                    ["it has none of the members of AWS' events: version, requestContext, httpMethod, resource"]
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
                [version, "#/requestContext/domainName, which would distinguish the two, is not there"]
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
