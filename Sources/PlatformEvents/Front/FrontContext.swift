/// What a platform knows of a request besides the request.
public struct FrontContext: Sendable {
    /// The platform's name for the request.
    public let requestID: String
    /// When it came, in milliseconds since 1970.
    public let time: Int
    /// The client's address.
    public let sourceIP: String

    public init(requestID: String, time: Int, sourceIP: String) {
        self.requestID = requestID
        self.time = time
        self.sourceIP = sourceIP
    }
}
