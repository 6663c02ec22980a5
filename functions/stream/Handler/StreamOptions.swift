/// What operators set about streams.
public struct StreamOptions: Sendable {
    /// How long a workflow may take from the asking to its first output.
    public var firstByte = Duration.seconds(30)
    /// The longest that a stream lasts.
    public var maximum = Duration.seconds(300)
    /// After so much silence a client of server-sent events gets a comment, so that nothing between thinks it dead.
    public var heartbeat = Duration.seconds(15)
    public var allowedOrigins = AllowedOrigins.any

    public init() {}

    /// How long a reservation holds, in milliseconds: the workflow's time and some for the way.
    var lease: Int {
        Int(firstByte.components.seconds) * 1000 + 5000
    }
}
