import FunctionEventLoop
import Glibc

/// The unix socket of FN_LISTENER. Fn's container contract says that it must not exist before any user of the container
/// can connect to it. So it is bound under another name in the same folder, made accessible, and then symlinked.
struct FnSocket: Sendable {
    /// The most bytes in a socket's path (unix(7)).
    static let maxPathLength = 107

    let path: String
    /// The address to bind.
    let address: SocketAddress
    private let boundPath: String

    /// Nil unless `listener` is `unix:` and an absolute path of at most ``maxPathLength`` bytes.
    init?(_ listener: String) {
        guard listener.utf8.starts(with: "unix:/".utf8) else { return nil }
        var bytes = listener.utf8.dropFirst("unix:".utf8.count)
        while bytes.starts(with: "//".utf8) { bytes.removeFirst() }
        // Before any comparison of text, which takes time in n² for a letter that carries n accents.
        guard bytes.count <= Self.maxPathLength else { return nil }
        let path = Substring(bytes)
        let name = path.split(separator: "/").last ?? ""
        guard !name.isEmpty, !path.hasSuffix("/") else { return nil }
        // As long as the name itself, so that a path of the maximum length still fits.
        let boundName = (name.hasPrefix("_") ? "-" : "_") + name.dropFirst()
        let boundPath = path.dropLast(name.count) + boundName
        guard let address = SocketAddress(path: String(boundPath)) else { return nil }
        self.path = String(path)
        self.boundPath = String(boundPath)
        self.address = address
    }

    /// Removes the files that an earlier process left behind.
    func clear() {
        unlink(path)
        unlink(boundPath)
    }

    /// Makes the socket available to every user, under the path of FN_LISTENER.
    func publish() throws(SystemError) {
        guard chmod(boundPath, 0o666) == 0 else { throw SystemError("chmod") }
        // Relative, because the platform's agent may have the folder mounted at another path.
        let name = boundPath.split(separator: "/").last.map(String.init) ?? boundPath
        guard symlink(name, path) == 0 else { throw SystemError("symlink") }
    }
}
