/// `/api/v1/run/{workflow_id}/stream`
enum StreamPath {
    static let prefix = "/api/v1/run/"
    static let suffix = "/stream"

    /// What stands for the workflow in a path of the function, whatever that is; nil for another path.
    static func workflowName(in path: String) -> Substring? {
        guard path.utf8.count >= prefix.utf8.count + suffix.utf8.count, path.hasPrefix(prefix), path.hasSuffix(suffix)
        else { return nil }
        return path.dropFirst(prefix.count).dropLast(suffix.count)
    }
}
