import Function
import FunctionBytes

/// What a recording is called, but for its number.
enum RecordedName {
    private static let longest = 60

    /// `token-200`, `post-run-echo-stream-200`: the method but for GET, the path without `/api/v1`, and the status.
    static func text(_ method: Method, path: String, _ status: Status) -> String {
        var path = path
        if path.hasPrefix("/api/v1/") { path.removeFirst("/api/v1".count) }
        let words = (method == .get ? "" : method.name + "/") + path
        let parts = words.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        let text = String(parts.joined(separator: "-").prefix(longest))
        return (text.isEmpty ? "root" : text) + "-\(status)"
    }
}
