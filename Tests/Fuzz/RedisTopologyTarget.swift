/// What a server sends, read as everything that tells who serves what: nothing of it may trap, or take long.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRedisTopology(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var reader = ReplyReader()
    reader.feed(UnsafeRawBufferPointer(start: start, count: count))
    let server = RedisURL.Endpoint.tcp(host: "10.0.0.1", port: 6379)
    while let reply = try? reader.next() {
        if let slots = ClusterSlots(reply, from: server) {
            precondition(slots.masters.isSubset(of: slots.nodes), "a server with slots is none of the servers")
        }
        _ = (reply.role, reply.masterAddress, ServerVersion(reply), reply.isOfCluster)
        if case .error(let error) = reply {
            _ = (Redirection(error, from: server), error.withoutText, RedisError(error).isDemotion)
        }
    }
    return 0
}
