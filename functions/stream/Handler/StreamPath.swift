import Function

/// `/api/v1/run/{workflow_id}/stream`
enum StreamPath {
    static let prefix = "/api/v1/run/"
    static let suffix = "/stream"
    /// As the description has it.
    static let template = prefix + "{workflow_id}" + suffix

    /// What the path takes.
    static let methods: Headers.Value = "GET, POST, OPTIONS"

    /// What stands for the workflow in a path of the function, whatever that is; nil for another path.
    static func workflowName(in path: String) -> Substring? {
        guard path.utf8.count >= prefix.utf8.count + suffix.utf8.count, path.hasPrefix(prefix), path.hasSuffix(suffix)
        else { return nil }
        return path.dropFirst(prefix.count).dropLast(suffix.count)
    }

    /// Whether a path is the function's but for slashes behind it.
    static func hasSlashBehind(_ path: String) -> Bool {
        guard let bare = path.withoutSlashesBehind else { return false }
        return workflowName(in: bare) != nil
    }
}
