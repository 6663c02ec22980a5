/// A function: everything it needs besides the request was handed to whoever made it.
///
/// It runs on its caller's executor, one event loop a core; to block there stalls every connection of that loop. Its task
/// is cancelled when the client has gone or the process has to end.
public typealias Handler = @Sendable (Request) async -> Response

/// What answers for a function where no handler can: a malformed request, an overloaded server.
///
/// `code` is a word for programs, such as `overloaded`; `request` is there if its head was read. The answer needs what the
/// status requires (retry-after, allow).
public typealias ErrorResponse = @Sendable (_ status: Status, _ code: String, _ request: Request?) -> Response
