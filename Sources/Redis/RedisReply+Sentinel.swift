/// What Redis and its sentinels answer about who is the master.
extension RedisReply {
    /// The role that a server has in replication, as ROLE answers it.
    enum Role {
        case master
        case replica
    }

    var role: Role? {
        guard case .array(let elements) = self, case .string(let name)? = elements.first else { return nil }
        if name.elementsEqual("master".utf8) { return .master }
        return name.elementsEqual("slave".utf8) ? .replica : nil
    }

    /// Where a sentinel says that the master is (SENTINEL GET-MASTER-ADDR-BY-NAME).
    var masterAddress: RedisURL.Endpoint? {
        guard case .array(let elements) = self, elements.count == 2,
            case .string(let host) = elements[0], case .string(let digits) = elements[1],
            let port = UInt16(String(decoding: digits, as: UTF8.self)), port > 0,
            // No longer name can be resolved (RFC 1035, section 2.3.4).
            1...255 ~= host.count, host.allSatisfy(RedisURL.isAddressByte)
        else { return nil }
        return .tcp(host: String(decoding: host, as: UTF8.self), port: port)
    }
}
