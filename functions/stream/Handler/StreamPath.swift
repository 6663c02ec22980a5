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

    /// Whether it can be a workflow's name: `[A-Za-z0-9_-]{1,64}`, with nothing decoded.
    static func isWorkflow(_ name: Substring) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
