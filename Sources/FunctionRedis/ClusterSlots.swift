/// Which server of a cluster has which slots, as far as is known.
struct ClusterSlots {
    /// The servers that have slots, and replicas of theirs.
    private(set) var nodes: [RedisURL.Endpoint] = []
    /// For each slot the number of its server in `nodes`, from 1; 0 where nobody serves it.
    private var owners = [UInt16](repeating: 0, count: HashSlot.count)
    /// The same numbers, by server.
    private var numbers: [RedisURL.Endpoint: UInt16] = [:]

    /// More servers than a cluster can have are nothing that is believed.
    private static let maxNodes = HashSlot.count

    init() {}

    /// Reads what `server` answered to CLUSTER SLOTS; nil if that is not what it should be, or tells of no slot.
    init?(_ reply: RedisReply, from server: RedisURL.Endpoint) {
        guard case .array(let ranges) = reply, !ranges.isEmpty else { return nil }
        var unserved = HashSlot.count
        for range in ranges {
            guard case .array(let parts) = range, parts.count >= 3, case .integer(let first) = parts[0],
                case .integer(let last) = parts[1], first >= 0, first <= last, last < HashSlot.count,
                // Ranges do not overlap, so that all of them together take no longer than all slots do.
                last - first < unserved,
                let owner = Self.endpoint(parts[2], from: server), let number = enter(owner)
            else { return nil }
            unserved -= last - first + 1
            for slot in first...last { owners[slot] = number }
            for replica in parts.dropFirst(3) {
                guard let endpoint = Self.endpoint(replica, from: server) else { continue }
                _ = enter(endpoint)
            }
        }
    }

    subscript(slot: HashSlot) -> RedisURL.Endpoint? {
        let number = owners[slot.number]
        return number == 0 ? nil : nodes[Int(number) - 1]
    }

    var masters: Set<RedisURL.Endpoint> {
        var numbers: Set<UInt16> = []
        var last: UInt16 = 0
        // Neighbours mostly have the same: to hash each of the slots would take a hundred times as long.
        for number in owners where number != last {
            last = number
            if number > 0 { numbers.insert(number) }
        }
        return Set(numbers.map { nodes[Int($0) - 1] })
    }

    /// Whether one server has all slots.
    var isWhole: Bool {
        owners[0] > 0 && owners.allSatisfy { $0 == owners[0] }
    }

    /// Notes that the slot is another server's.
    mutating func assign(_ slot: HashSlot, to endpoint: RedisURL.Endpoint) {
        if let number = enter(endpoint) { owners[slot.number] = number }
    }

    /// The number of a server that is known, or is from now on; nil if there are too many.
    private mutating func enter(_ endpoint: RedisURL.Endpoint) -> UInt16? {
        if let number = numbers[endpoint] { return number }
        guard nodes.count < Self.maxNodes else { return nil }
        nodes.append(endpoint)
        let number = UInt16(nodes.count)
        numbers[endpoint] = number
        return number
    }

    /// Reads `[host, port, id, [name, value, …]]`, the last since Redis 7.0. The host is null, or empty, where the cluster
    /// does not know it: then it is the one that was asked. It is `?` where it should be a name that the server does not
    /// have: then its address stands behind.
    private static func endpoint(_ reply: RedisReply, from server: RedisURL.Endpoint) -> RedisURL.Endpoint? {
        guard case .array(let parts) = reply, parts.count >= 2, case .integer(let port) = parts[1],
            let port = UInt16(exactly: port)
        else { return nil }
        var host = parts[0].text ?? ""
        if host.utf8.elementsEqual("?".utf8), parts.count > 3, case .array(let facts) = parts[3],
            let name = facts.firstIndex(of: .string(Array("ip".utf8))), name + 1 < facts.count
        {
            host = facts[name + 1].text ?? ""
        }
        return server.sibling(host: host, port: port)
    }
}
