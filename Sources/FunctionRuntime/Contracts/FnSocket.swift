import FunctionEventLoop
import Glibc

/// The unix socket of FN_LISTENER: it must not be there before it can be connected to, by any user of the container. So
/// it is bound under another name beside it, made accessible, and then linked to (Fn's container contract).
struct FnSocket: Sendable {
    /// The most bytes of a socket's path (unix(7)).
    static let maxPathLength = 107

    let path: String
    /// Where it is bound.
    let address: SocketAddress
    private let boundPath: String

    /// Nil if `listener` is no `unix:` URL of an absolute path of at most ``maxPathLength`` bytes.
    init?(_ listener: String) {
        guard listener.utf8.starts(with: "unix:/".utf8) else { return nil }
        var bytes = listener.utf8.dropFirst("unix:".utf8.count)
        while bytes.starts(with: "//".utf8) { bytes.removeFirst() }
        // Before it is looked at as text: to compare a letter with n accents takes time in n².
        guard bytes.count <= Self.maxPathLength else { return nil }
        let path = Substring(bytes)
        let name = path.split(separator: "/").last ?? ""
        guard !name.isEmpty, !path.hasSuffix("/") else { return nil }
        // As long as the name itself, which may have the last byte that a path can have.
        let boundName = (name.hasPrefix("_") ? "-" : "_") + name.dropFirst()
        let boundPath = path.dropLast(name.count) + boundName
        guard let address = SocketAddress(path: String(boundPath)) else { return nil }
        self.path = String(path)
        self.boundPath = String(boundPath)
        self.address = address
    }

    /// Takes away what a process before this one has left there.
    func clear() {
        unlink(path)
        unlink(boundPath)
    }

    /// Lets everybody connect.
    func publish() throws(SystemError) {
        guard chmod(boundPath, 0o666) == 0 else { throw SystemError("chmod") }
        // Relative, for the folder may be mounted elsewhere for the platform's agent.
        let name = boundPath.split(separator: "/").last.map(String.init) ?? boundPath
        guard symlink(name, path) == 0 else { throw SystemError("symlink") }
    }
}
