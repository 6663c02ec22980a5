#if TLS
import FunctionEventLoop
import Glibc
import Support

/// `openssl s_server`, which changes keys on command.
final class OpenSSLServer: Sendable {
    /// The server did not start; `said` is its output.
    struct Failure: Error {
        let said: String
    }

    let port: UInt16
    private let process: pid_t
    private let input: Int32
    private let output: Int32
    private let received = Lock(0)

    init(_ arguments: [String]) throws {
        let certificates = try Certificates.shared
        port = try FreePort.find()
        let (read, input) = try Spawn.makePipe()
        let (output, write) = try Spawn.makePipe()
        let command = ["openssl", "s_server", "-accept", "127.0.0.1:\(port)"]
        let files = ["-cert", certificates.certificate("server"), "-key", certificates.key("server")]
        process = try Spawn.process(command + files + arguments, input: read, output: write)
        close(read)
        close(write)
        (self.input, self.output) = (input, output)
        // It prints ACCEPT when it listens. Its error messages come through the same pipe.
        let said = Spawn.said(on: output) { $0.contains("ACCEPT") }
        guard said.contains("ACCEPT") else { throw Failure(said: said) }
        _ = fcntl(output, F_SETFL, O_NONBLOCK)
    }

    deinit {
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
        close(input)
        close(output)
    }

    func say(_ text: String) {
        _ = text.utf8.withContiguousStorageIfAvailable { write(input, $0.baseAddress, $0.count) }
    }

    /// Whether at least `count` letters A have come.
    func heard(_ count: Int) -> Bool {
        let more = readSome().count { $0 == UInt8(ascii: "A") }
        return received.withLock {
            $0 += more
            return $0 >= count
        }
    }

    private func readSome() -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(output, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
        return bytes
    }
}
#endif
