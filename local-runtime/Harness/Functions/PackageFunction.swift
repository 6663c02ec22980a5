package import FunctionCore
package import FunctionRuntime
import StreamTokensStreamFunction
import StreamTokensTokenFunction

/// A function of this package, as it stands beside the others.
package struct PackageFunction: Sendable {
    /// Its folder's name in `functions`.
    package let name: String
    /// Whether the function answers at a path.
    package let answers: @Sendable (_ path: String) -> Bool
    package let instance: FunctionInstance

    package init(_ name: String, at answers: @escaping @Sendable (String) -> Bool, _ instance: FunctionInstance) {
        self.name = name
        self.answers = answers
        self.instance = instance
    }

    /// One that answers at a single path, and needs nothing beside its requests.
    package init(_ name: String, at path: String, errorResponse: @escaping ErrorResponse, handler: @escaping Handler) {
        self.init(name, at: { $0 == path }, FunctionInstance(errorResponse: errorResponse, handler: handler))
    }

    /// Every function there is. What needs no store stands here whole; the others are handed in.
    package static func all(token: FunctionInstance, stream: FunctionInstance) -> [PackageFunction] {
        [
            PackageFunction("token", at: { $0 == TokenFunction.path }, token),
            PackageFunction("stream", at: StreamFunction.serves, stream),
            // Those of `local-runtime new` come before this line.
        ]
    }

    /// All of them for their names and paths alone.
    package static let places: [PackageFunction] = {
        let none = FunctionInstance { _ in Response(.notFound) }
        return all(token: none, stream: none)
    }()

    /// The name of the one that serves `path`; nil if none does.
    package static func name(at path: String) -> String? {
        places.first { $0.answers(path) }?.name
    }

    /// The name of the one that a request for `path` goes to: what is no function's path gets the token function's 404.
    package static func recipient(at path: String) -> String { name(at: path) ?? "token" }
}
