public import FunctionCore
public import FunctionRuntime
import StreamTokens
import StreamTokensStreamFunction
import StreamTokensStreamWiring
import StreamTokensTokenFunction
import StreamTokensTokenWiring

/// A function that a ``LocalRuntime`` runs, and where it answers.
public struct LocalFunction: Sendable {
    /// Makes the function for a loop, on the runtime's store.
    typealias Make = (LoopContext, any TokenStore) -> FunctionInstance

    /// Whether a path is the function's.
    package let answers: @Sendable (_ path: String) -> Bool
    /// Reads the function's settings, and tells of wrong ones.
    let configure: @Sendable (inout Settings) -> Make

    /// This project's token function, at `/api/v1/token`.
    public static let token = LocalFunction(answers: TokenFunction.serves) { settings in
        let tokens = FunctionSettings(&settings).tokens
        return { context, store in tokens.instance(for: context, store: store) }
    }

    /// This project's stream function, at `/api/v1/run/{workflow_id}/stream`; without WORKFLOW_URL on built-in workflows.
    public static let stream = LocalFunction(answers: StreamFunction.serves) { settings in
        let streams = FunctionSettings(&settings).streams
        return { context, store in streams.instance(for: context, store: store) }
    }

    /// A function of one's own. It answers at the paths for which `answers` holds; at every one, if nothing is said.
    public static func handler(
        at answers: @escaping @Sendable (_ path: String) -> Bool = { _ in true },
        _ handler: @escaping Handler
    ) -> LocalFunction {
        instance(at: answers) { _ in FunctionInstance(handler: handler) }
    }

    /// A function of one's own that `make` makes for each loop, as `Runtime.run` has it made.
    public static func instance(
        at answers: @escaping @Sendable (_ path: String) -> Bool = { _ in true },
        _ make: @escaping @Sendable (LoopContext) -> FunctionInstance
    ) -> LocalFunction {
        LocalFunction(answers: answers) { _ in { context, _ in make(context) } }
    }
}

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
