import Glibc

/// Certificates for tests of TLS, made once per process by Tests/TLS/certificates.sh, which lists them.
public final class Certificates: Sendable {
    private static let made = Result { try Certificates() }
    private let folder: TemporaryFolder

    /// The certificates that all tests share.
    public static var shared: Certificates {
        get throws { try made.get() }
    }

    private init() throws {
        folder = try TemporaryFolder()
        let script = TestFiles.path("TLS/certificates.sh")
        let (output, input) = try Spawn.makePipe()
        defer { close(output) }
        let maker = try Spawn.process(["sh", script, folder.path], output: input)
        close(input)
        let said = Spawn.said(on: output)
        var status: Int32 = 0
        waitpid(maker, &status, 0)
        guard status == 0 else { throw RedisServer.Failure(description: "no certificates: \(said)") }
    }

    /// The path of the certificate with this name.
    public func certificate(_ name: String) -> String { "\(folder.path)/\(name).pem" }

    /// The path of its key.
    public func key(_ name: String) -> String { "\(folder.path)/\(name).key" }

    /// The arguments that make a redis-server use the certificate with this name on a `--tls-port`, its only port.
    func serverArguments(_ name: String) -> [String] {
        [
            "--tls-cert-file", certificate(name), "--tls-key-file", key(name), "--tls-ca-cert-file", authority,
            "--tls-auth-clients", "no", "--port", "0",
        ]
    }

    /// A folder of authorities, named by their hashes.
    public var authorities: String { "\(folder.path)/authorities" }

    /// The authority that tests trust.
    public var authority: String { certificate("authority") }
}

/// Files beside the tests' sources.
enum TestFiles {
    /// The path of a file in Tests/.
    static func path(_ name: String, of source: String = #filePath) -> String {
        source.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" } + "/" + name
    }
}
