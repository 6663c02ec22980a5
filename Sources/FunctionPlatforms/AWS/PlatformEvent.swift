public import FunctionCore

/// An event of AWS as a request: which kind it is, the event itself tells.
public struct PlatformEvent: Sendable {
    /// The longest event, in bytes: what Lambda takes at most.
    public static let sizeLimit = 6 << 20

    public let kind: Kind
    /// Its id is the platform's, where the event tells one that is legal in a header; else it is empty.
    public let request: Request

    /// Reads an event. What is not needed here is passed over.
    public init(reading bytes: [UInt8]) throws(PlatformEventError) {
        guard bytes.count <= Self.sizeLimit else { throw .tooLong(limit: Self.sizeLimit) }
        let event: JSONObject
        do throws(JSONDocumentError) {
            event = try JSONObject(reading: bytes)
        } catch {
            throw .content(error)
        }
        try self.init(event)
    }

    package init(_ event: JSONObject) throws(PlatformEventError) {
        var event = event
        kind = try Kind(of: &event)
        do throws(JSONDocumentError) {
            request =
                switch kind {
                case .gatewayV2: try Self.gatewayV2(&event)
                case .gatewayV1: try Self.proxied(&event, isQueryDecoded: true)
                case .loadBalancer, .multiValueLoadBalancer: try Self.proxied(&event, isQueryDecoded: false)
                }
        } catch {
            throw .content(error)
        }
    }
}

/// Why bytes are no event that is known here, or no answer that a platform takes.
public enum PlatformEventError: Error, Hashable, Sendable, CustomStringConvertible {
    /// More bytes than Lambda takes.
    case tooLong(limit: Int)
    /// No JSON, or a member that is not what it has to be; the description names its JSON pointer.
    case content(JSONDocumentError)
    /// An event of none of ``PlatformEvent/Kind``; `reason` says what it lacks.
    case unknownKind(reason: String)

    public var description: String {
        switch self {
        case .tooLong(let limit): "longer than \(limit) bytes"
        case .content(let error): error.description
        case .unknownKind(let reason): reason
        }
    }
}
