import Glibc

/// This process' descriptors of IPv4 sockets one of whose ends is `port`.
public func openSockets(port: UInt16) -> [Int32] {
    descriptors { endPort(of: $0, getsockname) == port || endPort(of: $0, getpeername) == port }
}

/// This process' descriptors of IPv4 sockets that are connected to `port`.
package func connections(to port: UInt16) -> [Int32] {
    descriptors { endPort(of: $0, getpeername) == port }
}

private func descriptors(where isMeant: (Int32) -> Bool) -> [Int32] {
    guard let folder = opendir("/proc/self/fd") else { return [-1] }
    defer { closedir(folder) }
    var found: [Int32] = []
    while let entry = readdir(folder) {
        // An entry ends with its name, so it must not be copied as a whole. The name's offset is that of the stored
        // property.
        let start = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \dirent.d_name)!
        let name = String(cString: start.assumingMemoryBound(to: CChar.self))
        if let descriptor = Int32(name), isMeant(descriptor) { found.append(descriptor) }
    }
    return found
}

private func endPort(
    of descriptor: Int32,
    _ call: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
) -> UInt16? {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call(descriptor, $0, &size) }
    }
    guard result == 0, address.sin_family == sa_family_t(AF_INET) else { return nil }
    return UInt16(bigEndian: address.sin_port)
}
