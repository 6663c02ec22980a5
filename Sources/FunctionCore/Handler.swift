/// A function. Its dependencies were injected when it was made; a call gets only the request.
///
/// It runs on its caller's executor, one event loop per core, so blocking in it stalls every connection of that loop. Its
/// task is cancelled when the client disconnects or the process has to exit.
public typealias Handler = @Sendable (Request) async -> Response
