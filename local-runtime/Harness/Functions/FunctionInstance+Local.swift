import FunctionCore
import FunctionRuntime

extension FunctionInstance {
    /// A function, and the paths at which it answers.
    typealias Route = (answers: @Sendable (_ path: String) -> Bool, instance: FunctionInstance)

    /// Several functions as one: a request is answered by the first that answers at its path, else by the last.
    static func routed(_ routes: [Route], otherwise last: FunctionInstance) -> FunctionInstance {
        let instances = routes.map(\.instance) + [last]
        let instance: @Sendable (Request) -> FunctionInstance = { request in
            routes.first { $0.answers(request.path) }?.instance ?? last
        }
        return FunctionInstance(
            errorResponse: { error, request in (request.map(instance) ?? last).errorResponse(error, request) },
            checkReadiness: { for instance in instances { try await instance.checkReadiness() } },
            background: {
                await withDiscardingTaskGroup { group in
                    for instance in instances { group.addTask { await instance.background() } }
                }
            },
            settle: { for instance in instances { await instance.settle() } },
            knowsPath: { path in routes.contains { $0.answers(path) } },
            handler: { await instance($0).handler($0) }
        )
    }
}
