/// One of the 16,384 slots over which a Redis Cluster spreads its keys (Redis Cluster Specification, "Key distribution
/// model").
struct HashSlot: Hashable, Sendable {
    static let count = 16_384

    let number: Int

    /// Nil if there is no such slot.
    init?(number: Int) {
        guard 0..<Self.count ~= number else { return nil }
        self.number = number
    }

    /// The slot of a key: of the text in its first braces, if there is any, otherwise of the whole key.
    init(_ key: some Collection<UInt8>) {
        number = Int(Self.checksum(Self.hashed(key[...]))) % Self.count
    }

    private static func hashed<Bytes: Collection<UInt8>>(_ key: Bytes) -> Bytes where Bytes.SubSequence == Bytes {
        guard let open = key.firstIndex(of: UInt8(ascii: "{")) else { return key }
        let rest = key[open...].dropFirst()
        guard let close = rest.firstIndex(of: UInt8(ascii: "}")), close != rest.startIndex else { return key }
        return rest[..<close]
    }

    /// CRC-16/XMODEM: polynomial 0x1021, initial value 0.
    private static func checksum(_ bytes: some Collection<UInt8>) -> UInt16 {
        bytes.reduce(0) { sum, byte in sum << 8 ^ table[Int(sum >> 8 ^ UInt16(byte))] }
    }

    private static let table: [UInt16] = (0..<256).map { byte in
        (0..<8).reduce(UInt16(byte) << 8) { sum, _ in sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
    }
}

/// Where a cluster node sends a command whose slot it does not have (Redis Cluster Specification, "MOVED Redirection"
/// and "ASK Redirection"): `MOVED 3999 10.0.0.1:6381`.
struct Redirection: Equatable {
    enum Kind: Equatable {
        /// The slot now belongs to another server.
        case moved
        /// The slot is migrating to another server: this one command goes there.
        case ask
    }

    let kind: Kind
    let slot: HashSlot
    let endpoint: RedisURL.Endpoint

    /// Nil if it is not a redirection, or not a readable one. `server` is the one that replied: if the cluster does not
    /// know a server's address, it sends no host or `?`, and the host is the one by which `server` was reached.
    init?(_ error: RedisServerError, from server: RedisURL.Endpoint) {
        let parts = error.description.split(separator: " ")
        guard parts.count == 3 else { return nil }
        switch parts[0] {
        case "MOVED": kind = .moved
        case "ASK": kind = .ask
        default: return nil
        }
        // An IPv6 address has no brackets here: the port follows the last colon.
        guard let slot = Int(parts[1]).flatMap(HashSlot.init(number:)), let colon = parts[2].lastIndex(of: ":"),
            let port = UInt16(parts[2][colon...].dropFirst()),
            let endpoint = server.sibling(host: String(parts[2][..<colon]), port: port)
        else { return nil }
        self.slot = slot
        self.endpoint = endpoint
    }
}

extension RedisURL.Endpoint {
    /// Another server of the same cluster, at the host that the cluster names; nil if that cannot be an address.
    func sibling(host: String, port: UInt16) -> RedisURL.Endpoint? {
        guard port > 0, case .tcp(let ownHost, _) = self else { return nil }
        if host.isEmpty || host.utf8.elementsEqual("?".utf8) { return .tcp(host: ownHost, port: port) }
        // Longer names cannot be resolved (RFC 1035, section 2.3.4).
        guard host.utf8.count <= 255, host.utf8.allSatisfy(RedisURL.isAddressByte) else { return nil }
        return .tcp(host: host, port: port)
    }
}
