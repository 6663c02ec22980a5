package import FunctionEventLoop

extension SocketAddress {
    /// An IPv4 address of this machine with this port; with 0, the system picks one.
    package static func loopback(_ port: UInt16) -> SocketAddress {
        // Not nil, because the text is an address.
        SocketAddress(ip: "127.0.0.1", port: port)!
    }
}
