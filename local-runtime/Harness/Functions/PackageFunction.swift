package import FunctionCore
package import FunctionRuntime
import StreamTokensAdmitFunction
import StreamTokensStreamFunction
import StreamTokensTokenFunction

/// A function of this package.
package struct PackageFunction: Sendable {
    /// The name of its folder in `functions`.
    package let name: String
    /// Whether a path is the function's.
    package let serves: @Sendable (_ path: String) -> Bool
    package let instance: FunctionInstance

    package init(_ name: String, at serves: @escaping @Sendable (String) -> Bool, _ instance: FunctionInstance) {
        self.name = name
        self.serves = serves
        self.instance = instance
    }

    /// A function with a single path that needs no store.
    package init(_ name: String, at path: String, errorResponse: @escaping ErrorResponse, handler: @escaping Handler) {
        self.init(name, at: { $0 == path }, FunctionInstance(errorResponse: errorResponse, handler: handler))
    }

    /// Every function of the package. Those that need a store are passed in.
    package static func all(
        token: FunctionInstance,
        stream: FunctionInstance,
        admit: FunctionInstance
    ) -> [PackageFunction] {
        [
            PackageFunction("token", at: { $0 == TokenFunction.path }, token),
            PackageFunction("stream", at: StreamFunction.serves, stream),
            PackageFunction("admit", at: AdmitFunction.serves, admit),
            // Those of `local-runtime new` come before this line.
        ]
    }

    /// All of them, only for their names and paths.
    package static let places: [PackageFunction] = {
        let none = FunctionInstance { _ in Response(.notFound) }
        return all(token: none, stream: none, admit: none)
    }()

    /// The name of the function that serves `path`; nil if none does.
    package static func name(at path: String) -> String? {
        places.first { $0.serves(path) }?.name
    }

    /// The name of the function that gets a request for `path`. If no function serves it, the token function does, for
    /// its 404.
    package static func recipient(at path: String) -> String { name(at: path) ?? "token" }
}
