import FoundationEssentials
package import FunctionEventLoop
import Glibc

/// Paths for temporary files: in TMPDIR if it is set, otherwise in /tmp.
package enum TemporaryFiles {
    /// A path that nobody else uses; creates nothing. It is short enough for a unix socket (unix(7)).
    package static func path(_ name: String) -> String {
        let given = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        let folder = given.isEmpty ? "/tmp" : given
        return folder + (folder.hasSuffix("/") ? "" : "/") + "\(name)-"
            + String(UInt64.random(in: 0 ... .max), radix: 36)
    }
}

/// A folder for unix sockets that this user alone can reach.
package struct SocketFolder: Sendable {
    private let path: String

    /// Creates the folder among the temporary files. Its name begins with `name`.
    package init(_ name: String) throws(SystemError) {
        path = TemporaryFiles.path(name)
        guard mkdir(path, 0o700) == 0 else {
            let code = errno
            throw SystemError("mkdir \(path)", code)
        }
    }

    package func path(of socket: String) -> String {
        "\(path)/\(socket)"
    }

    /// Removes the folder and its contents.
    package func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
