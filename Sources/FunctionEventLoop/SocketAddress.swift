package import CFunctionLinux
package import Glibc

/// The address of a socket: an IP address with a port, or the path of a unix socket.
public struct SocketAddress: Equatable, Sendable, CustomStringConvertible {
    private enum Storage: Sendable {
        case ipv4(sockaddr_in)
        case ipv6(sockaddr_in6)
        case unix(sockaddr_un)
    }

    private let storage: Storage

    /// Parses a numeric IPv4 or IPv6 address; nil if it is neither.
    public init?(ip: String, port: UInt16) {
        var ipv4 = sockaddr_in()
        var ipv6 = sockaddr_in6()
        if inet_pton(AF_INET, ip, &ipv4.sin_addr) == 1 {
            ipv4.sin_family = sa_family_t(AF_INET)
            ipv4.sin_port = port.bigEndian
            storage = .ipv4(ipv4)
        } else if inet_pton(AF_INET6, ip, &ipv6.sin6_addr) == 1 {
            ipv6.sin6_family = sa_family_t(AF_INET6)
            ipv6.sin6_port = port.bigEndian
            storage = .ipv6(ipv6)
        } else {
            return nil
        }
    }

    /// A unix socket's path; nil if it is empty or has more than 107 bytes (unix(7)).
    public init?(path: String) {
        var address = sockaddr_un()
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        storage = .unix(address)
    }

    /// Copies an IP address from the system; nil for another family.
    init?(_ address: UnsafePointer<sockaddr>) {
        let bytes = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET: storage = .ipv4(bytes.loadUnaligned(as: sockaddr_in.self))
        case AF_INET6: storage = .ipv6(bytes.loadUnaligned(as: sockaddr_in6.self))
        default: return nil
        }
    }

    /// The local address of a descriptor (getsockname(2)).
    init(ofSocket descriptor: Int32) throws(SystemError) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { throw SystemError("getsockname") }
        let family = Int32(storage.ss_family)
        self.storage = withUnsafeBytes(of: &storage) { bytes in
            switch family {
            case AF_INET6: .ipv6(bytes.loadUnaligned(as: sockaddr_in6.self))
            case AF_UNIX: .unix(bytes.loadUnaligned(as: sockaddr_un.self))
            default: .ipv4(bytes.loadUnaligned(as: sockaddr_in.self))
            }
        }
    }

    /// Nil for a path.
    public var port: UInt16? {
        switch storage {
        case .ipv4(let address): UInt16(bigEndian: address.sin_port)
        case .ipv6(let address): UInt16(bigEndian: address.sin6_port)
        case .unix: nil
        }
    }

    /// The same IP address with another port; a path stays as it is.
    func with(port: UInt16) -> SocketAddress {
        switch storage {
        case .ipv4(var address):
            address.sin_port = port.bigEndian
            return SocketAddress(storage: .ipv4(address))
        case .ipv6(var address):
            address.sin6_port = port.bigEndian
            return SocketAddress(storage: .ipv6(address))
        case .unix: return self
        }
    }

    private init(storage: Storage) {
        self.storage = storage
    }

    /// `127.0.0.1:8080`, `[::1]:8080`, `unix:/run/f.sock`
    public var description: String {
        switch storage {
        case .ipv4(var address): "\(Self.text(AF_INET, &address.sin_addr)):\(port ?? 0)"
        case .ipv6(var address): "[\(Self.text(AF_INET6, &address.sin6_addr))]:\(port ?? 0)"
        case .unix(let address):
            withUnsafeBytes(of: address.sun_path) { "unix:" + String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
    }

    package var family: Int32 {
        switch storage {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    /// Passes the address to a system call.
    package func withPointer(_ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        func pass<Address>(_ address: Address) -> Int32 {
            withUnsafePointer(to: address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    call($0, socklen_t(MemoryLayout<Address>.size))
                }
            }
        }
        return switch storage {
        case .ipv4(let address): pass(address)
        case .ipv6(let address): pass(address)
        case .unix(let address): pass(address)
        }
    }

    private static func text(_ family: Int32, _ address: UnsafeRawPointer) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            inet_ntop(family, address, buffer.baseAddress, socklen_t(buffer.count)).map { String(cString: $0) } ?? "?"
        }
    }

    public static func == (left: SocketAddress, right: SocketAddress) -> Bool {
        switch (left.storage, right.storage) {
        // Link-local addresses on different links are different addresses (RFC 4007).
        case (.ipv6(let left6), .ipv6(let right6)) where left6.sin6_scope_id != right6.sin6_scope_id: false
        default: left.description == right.description
        }
    }
}
