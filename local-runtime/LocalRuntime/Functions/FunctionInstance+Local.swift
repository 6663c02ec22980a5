import Function
import FunctionRuntime
import StreamFunction
import TokenFunction

extension FunctionInstance {
    /// All functions as one: each answers at its own path, and what is no function's path gets the token function's 404.
    static func all(token: TokenFunction, stream: FunctionInstance) -> FunctionInstance {
        FunctionInstance(
            errorResponse: { status, code, request in
                guard let request, StreamFunction.answers(at: request.path) else {
                    return TokenFunction.errorResponse(status, code)
                }
                return stream.errorResponse(status, code, request)
            },
            checkReadiness: stream.checkReadiness,
            background: stream.background,
            handler: { request in
                StreamFunction.answers(at: request.path) ? await stream.handler(request) : await token.handle(request)
            }
        )
    }
}
