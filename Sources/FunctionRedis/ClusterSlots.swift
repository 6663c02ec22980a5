/// The slot table of a cluster: which server has which slots, as far as known.
struct ClusterSlots {
    /// The servers that have slots, and their replicas.
    private(set) var nodes: [RedisURL.Endpoint] = []
    /// For each slot, the index of its server in `nodes` plus 1; 0 if no server has it.
    private var owners = [UInt16](repeating: 0, count: HashSlot.count)
    /// The same numbers by server.
    private var numbers: [RedisURL.Endpoint: UInt16] = [:]

    /// A cluster has no more servers than slots; further ones are rejected.
    private static let maxNodes = HashSlot.count

    init() {}

    /// Reads the reply of `server` to CLUSTER SLOTS; nil if it is malformed or lists no slots.
    init?(_ reply: RedisReply, from server: RedisURL.Endpoint) {
        guard case .array(let ranges) = reply, !ranges.isEmpty else { return nil }
        var unserved = HashSlot.count
        for range in ranges {
            guard case .array(let parts) = range, parts.count >= 3, case .integer(let first) = parts[0],
                case .integer(let last) = parts[1], first >= 0, first <= last, last < HashSlot.count,
                // Valid ranges do not overlap. This check bounds the work to one step per slot, whatever the reply
                // says.
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
        // Neighbouring slots mostly have the same owner; hashing every slot would take a hundred times as long.
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

    /// Records that `endpoint` now has the slot.
    mutating func assign(_ slot: HashSlot, to endpoint: RedisURL.Endpoint) {
        if let number = enter(endpoint) { owners[slot.number] = number }
    }

    /// Returns the server's number, assigning one to a new server; nil if there are too many.
    private mutating func enter(_ endpoint: RedisURL.Endpoint) -> UInt16? {
        if let number = numbers[endpoint] { return number }
        guard nodes.count < Self.maxNodes else { return nil }
        nodes.append(endpoint)
        let number = UInt16(nodes.count)
        numbers[endpoint] = number
        return number
    }

    /// Reads `[host, port, id, [name, value, …]]`; the last element exists since Redis 7.0. A null or empty host means
    /// the server that was asked. The host `?` means that the server has no hostname to announce; then `ip` among the
    /// names has its address.
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
