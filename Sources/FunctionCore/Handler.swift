/// A function: everything it needs besides the request was handed to whoever made it.
///
/// It runs on its caller's executor, one event loop a core; to block there stalls every connection of that loop. Its task
/// is cancelled when the client has gone or the process has to end.
public typealias Handler = @Sendable (Request) async -> Response
