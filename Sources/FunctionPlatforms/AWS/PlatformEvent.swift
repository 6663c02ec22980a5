public import FunctionCore

/// An event of AWS, read as a request. Its members determine its kind.
public struct PlatformEvent: Sendable {
    /// Maximum length of an event in bytes, which is Lambda's limit.
    public static let sizeLimit = 6 << 20

    public let kind: Kind
    /// Its id is that of the platform, if the event has one that is legal in a header; otherwise it is empty.
    public let request: Request

    /// Reads an event. Members that are not needed are ignored.
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

/// Why bytes are not an event that is known here, or not a response that a platform accepts.
public enum PlatformEventError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Longer than the platform accepts.
    case tooLong(limit: Int)
    /// Not JSON, or an invalid member; the description names its JSON pointer.
    case content(JSONDocumentError)
    /// None of the kinds in ``PlatformEvent/Kind``; `reason` says why.
    case unknownKind(reason: String)

    public var description: String {
        switch self {
        case .tooLong(let limit): "longer than \(limit) bytes"
        case .content(let error): error.description
        case .unknownKind(let reason): reason
        }
    }
}
