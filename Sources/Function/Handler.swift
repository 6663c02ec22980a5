/// A function: everything it needs besides the request was handed to whoever made it.
///
/// It runs on its caller's executor, one event loop a core; to block there stalls every connection of that loop.
public typealias Handler = @Sendable (Request) async -> Response

/// What answers for a function where no handler can: a malformed request, an overloaded server.
///
/// `code` is a word for programs, such as `overloaded`. The server adds what the status requires (retry-after, allow).
public typealias ErrorResponse = @Sendable (_ status: Status, _ code: String) -> Response
