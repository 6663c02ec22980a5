public import Function

/// An event of AWS as a request: which kind it is, the event itself tells.
public struct PlatformEvent: Sendable {
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
    }

    /// The longest event, in bytes: what Lambda takes at most.
    public static let sizeLimit = 6 << 20

    public let kind: Kind
    public let request: Request

    /// Reads an event. What is not needed here is passed over.
    public init(reading bytes: [UInt8]) throws(PlatformEventError) {
        throw .unknownKind(reason: "")
    }

    /// The response in the form that this kind of event is answered with. `body` is the whole body.
    public static func encode(_ response: Response, body: [UInt8], for kind: Kind) -> [UInt8] {
        []
    }

    /// The prelude of a streamed response: JSON {"statusCode","headers","cookies"} (without the 8 NUL bytes).
    public static func encodePrelude(_ response: Response) -> [UInt8] {
        []
    }
}
