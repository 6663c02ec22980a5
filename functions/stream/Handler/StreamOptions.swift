/// What operators set about streams.
package struct StreamOptions: Sendable {
    /// How long a workflow may take from the asking to its first output.
    package var firstByte = Duration.seconds(30)
    /// The longest that a stream lasts.
    package var maximum = Duration.seconds(300)
    /// After so much silence a client of server-sent events gets a comment, so that nothing between thinks it dead.
    package var heartbeat = Duration.seconds(15)
    package var allowedOrigins = AllowedOrigins.any

    package init() {}

    /// How long a reservation holds, in milliseconds: the workflow's time and some for the way.
    var lease: Int {
        Int(firstByte.components.seconds) * 1000 + 5000
    }
}
