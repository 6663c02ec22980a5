import Function
import FunctionRuntime
import TokenFunction

extension FunctionInstance {
    /// All functions as one: each answers at its own path, and what is no function's path gets the token function's 404.
    static func all(token: TokenFunction, stream: FunctionInstance) -> FunctionInstance {
        let functions = LocalFunction.all(token: token, stream: stream)
        return FunctionInstance(
            errorResponse: { status, code, request in
                guard let request, let function = functions.first(where: { $0.answers(at: request.path) }) else {
                    return TokenFunction.errorResponse(status, code)
                }
                return function.instance.errorResponse(status, code, request)
            },
            checkReadiness: { for function in functions { try await function.instance.checkReadiness() } },
            background: {
                await withDiscardingTaskGroup { group in
                    for function in functions { group.addTask { await function.instance.background() } }
                }
            },
            handler: { request in
                guard let function = functions.first(where: { $0.answers(at: request.path) }) else {
                    return await token.handle(request)
                }
                return await function.instance.handler(request)
            }
        )
    }
}
