/// What INFO tells, read as bytes: the text of a server that is none may be of any kind and length.
extension RedisReply {
    /// The lines of the reply to INFO; nil if it is none.
    var infoLines: [ArraySlice<UInt8>]? {
        guard case .string(let bytes) = self else { return nil }
        return bytes.split { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
    }

    /// What stands behind `name:` in a line, at most 64 bytes of it; nil if there is no such line.
    func infoValue(_ name: StaticString) -> String? {
        let prefix = "\(name):".utf8
        guard let line = infoLines?.first(where: { $0.starts(with: prefix) }) else { return nil }
        return String(decoding: line.dropFirst(prefix.count).prefix(64), as: UTF8.self)
    }

    /// Whether `INFO server` says that the server is a node of a cluster.
    var isOfCluster: Bool { infoValue("redis_mode") == "cluster" }
}
