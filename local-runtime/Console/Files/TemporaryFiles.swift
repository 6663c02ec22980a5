import FoundationEssentials
package import FunctionEventLoop
import Glibc

/// Where files lie that are gone when their user is: in TMPDIR, else in /tmp.
package enum TemporaryFiles {
    /// A path that nobody else has. Nothing is made there. It is short, for a unix socket's has to be (unix(7)).
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

    /// Makes it among the temporary files; `name` is what its own begins with.
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

    /// Removes it with what is in it.
    package func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
