package import FunctionEventLoop

extension SocketAddress {
    /// A port of this machine, by IPv4; 0 for one that the system picks.
    package static func loopback(_ port: UInt16) -> SocketAddress {
        // Holds as the text is an address.
        SocketAddress(ip: "127.0.0.1", port: port)!
    }
}
