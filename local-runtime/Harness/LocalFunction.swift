public import FunctionCore
public import FunctionRuntime
import StreamTokens
import StreamTokensAdmitFunction
import StreamTokensAdmitWiring
import StreamTokensStreamFunction
import StreamTokensStreamWiring
import StreamTokensTokenFunction
import StreamTokensTokenWiring

/// A function for a ``LocalRuntime``, and its paths.
public struct LocalFunction: Sendable {
    /// Makes the function for a loop, on the runtime's store.
    typealias Make = (LoopContext, any TokenStore) -> FunctionInstance

    /// Whether a path is the function's.
    package let serves: @Sendable (_ path: String) -> Bool
    /// Reads the function's settings, and reports wrong ones.
    let configure: @Sendable (inout Settings) -> Make

    /// This project's token function, at `/api/v1/token`.
    public static let token = LocalFunction(serves: TokenFunction.serves) { settings in
        let tokens = FunctionSettings(&settings).tokens
        return { context, store in tokens.instance(for: context, store: store) }
    }

    /// This project's stream function, at `/api/v1/run/{workflow_id}/stream`. Without WORKFLOW_URL it runs the built-in
    /// workflows.
    public static let stream = LocalFunction(serves: StreamFunction.serves) { settings in
        let streams = FunctionSettings(&settings).streams
        return { context, store in streams.instance(for: context, store: store) }
    }

    /// This project's admit function, at `/api/v1/admit`.
    public static let admit = LocalFunction(serves: AdmitFunction.serves) { settings in
        let admissions = FunctionSettings(&settings).admissions
        return { context, store in admissions.instance(for: context, store: store) }
    }

    /// A function of your own, for the paths for which `serves` is true: by default for every path.
    public static func handler(
        at serves: @escaping @Sendable (_ path: String) -> Bool = { _ in true },
        _ handler: @escaping Handler
    ) -> LocalFunction {
        instance(at: serves) { _ in FunctionInstance(handler: handler) }
    }

    /// A function of your own that `make` creates for each loop, as with `Runtime.run`.
    public static func instance(
        at serves: @escaping @Sendable (_ path: String) -> Bool = { _ in true },
        _ make: @escaping @Sendable (LoopContext) -> FunctionInstance
    ) -> LocalFunction {
        LocalFunction(serves: serves) { _ in { context, _ in make(context) } }
    }
}

extension FunctionInstance {
    /// A function, and its paths.
    typealias Route = (serves: @Sendable (_ path: String) -> Bool, instance: FunctionInstance)

    /// Several functions as one. A request goes to the first function that serves its path, otherwise to `last`.
    static func routed(_ routes: [Route], otherwise last: FunctionInstance) -> FunctionInstance {
        let instances = routes.map(\.instance) + [last]
        let instance: @Sendable (Request) -> FunctionInstance = { request in
            routes.first { $0.serves(request.path) }?.instance ?? last
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
            finish: { for instance in instances { await instance.finish() } },
            knowsPath: { path in routes.contains { $0.serves(path) } },
            handler: { await instance($0).handler($0) }
        )
    }
}
