import FunctionCore
import FunctionRuntime
import FunctionTesting
import LocalRuntimeConsole
import StreamTokens
import StreamTokensTokenFunction

/// A function to make: its name, method and path, which are checked.
struct NewFunction: Sendable {
    let name: String
    let method: String
    let path: String

    var type: String { capitalized + "Function" }
    var module: String { "StreamTokens\(type)" }
    /// The name of the executable's target. The product has the function's name.
    var executable: String { "\(capitalized)Executable" }

    private var capitalized: String { name.prefix(1).uppercased() + name.dropFirst() }

    private static let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    /// Swift's keywords, and names that its tools reserve.
    private static let reservedNames: Set = [
        "any", "as", "associatedtype", "await", "break", "case", "catch", "class", "continue", "default", "defer",
        "deinit", "do", "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard",
        "if", "import", "in", "init", "inout", "internal", "is", "let", "main", "nil", "open", "operator", "private",
        "protocol", "public", "repeat", "rethrows", "return", "self", "static", "struct", "subscript", "super", "swift",
        "switch", "throw", "throws", "true", "try", "typealias", "var", "where", "while",
    ]
    private static let maxPathLength = 60

    init(name: String, method: String, path: String) throws(CommandFailure) {
        guard name.wholeMatch(of: /[a-z][a-z0-9]{0,19}/) != nil else {
            throw .usage(
                "NAME must be 1 to 20 lower-case letters and digits, the first a letter, such as hello, not \"\(name)\""
            )
        }
        guard !Self.reservedNames.contains(name) else { throw .usage("NAME cannot be \(name), which Swift reserves") }
        guard Self.methods.contains(method) else {
            throw .usage("METHOD must be one of \(Self.methods.joined(separator: ", ")), not \"\(method)\"")
        }
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard path.hasPrefix("/"), path.count <= Self.maxPathLength,
            segments.allSatisfy({ $0.wholeMatch(of: /[A-Za-z0-9._~-]+/) != nil && $0 != "." && $0 != ".." })
        else {
            throw .usage(
                """
                PATH must be one or more segments of letters, digits, -, ., _ and ~, each after a /, with at most \
                \(Self.maxPathLength) characters, such as /api/v1/hello, not "\(path)"
                """
            )
        }
        if let owner = Self.owner(of: path) { throw .usage("\(path) is already served by \(owner)") }
        self.name = name
        self.method = method
        self.path = path
    }

    /// What serves `path` already, as far as this program knows.
    private static func owner(of path: String) -> String? {
        if let name = PackageFunction.name(at: path) { return "the function \(name)" }
        if path.hasPrefix("/health/") || path.hasPrefix("/_/") { return "the runtime" }
        return PageRoute(rawValue: path) == nil ? nil : "the page of serve"
    }
}
