import FunctionEventLoop
import Glibc

/// TLS in front of a test's server that does not support it: a process of its own that runs Tests/TLS/front.py.
public final class TLSFront: Sendable {
    /// How the front uses TLS.
    public struct Options: Sendable {
        /// The name of one of the ``Certificates``.
        public var certificate = "server"
        /// TLSv1_2 or TLSv1_3.
        public var versions = (least: "TLSv1_2", most: "TLSv1_3")
        /// Whether connections end without TLS' closing message.
        public var isAbrupt = false

        public init() {}
    }

    public let port: UInt16
    private let process: pid_t
    /// The process ends when this is closed.
    private let lifeline: Int32

    /// Listens on a free port of 127.0.0.1 and forwards to `target`.
    public init(to target: UInt16, _ options: Options = Options()) throws {
        let certificates = try Certificates.shared
        port = try FreePort.find()
        var command = ["python3", TestFiles.path("TLS/front.py"), "\(port)", "\(target)"]
        command += [certificates.certificate(options.certificate), certificates.key(options.certificate)]
        command += ["--least", options.versions.least, "--most", options.versions.most]
        if options.isAbrupt { command.append("--abrupt") }
        let (input, lifeline) = try Spawn.makePipe()
        let (output, said) = try Spawn.makePipe()
        defer { close(output) }
        process = try Spawn.process(command, input: input, output: said)
        self.lifeline = lifeline
        close(input)
        close(said)
        let line = Spawn.said(on: output) { $0.contains("\n") }
        guard line == "listening\n" else {
            kill(process, SIGKILL)
            close(lifeline)
            waitpid(process, nil, 0)
            throw RedisServer.Failure(description: "no TLS: \(line)")
        }
    }

    deinit {
        kill(process, SIGKILL)
        close(lifeline)
        waitpid(process, nil, 0)
    }
}
