#if TLS
import Foundation
import Glibc
import Support
import FunctionTLS
import Testing

@Suite("The files of TLS")
struct TLSContextTests {
    @Test("are read if they are usable")
    func good() throws {
        try TLSContext.ofTests(certificate: "client").check()
    }

    // OpenSSL accepts both. Editors of Windows write them.
    @Test(
        "may begin with a byte order mark and have CRLF line ends",
        arguments: [("\u{FEFF}", "\n"), ("", "\r\n"), ("\u{FEFF}", "\r\n")]
    )
    func foreignText(mark: String, lineEnd: String) throws {
        let certificates = try Certificates.shared
        let folder = try TemporaryFolder()
        func rewritten(_ path: String) throws -> String {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            try folder.write(name, mark + text.split(separator: "\n").map { $0 + lineEnd }.joined())
            return "\(folder.path)/\(name)"
        }
        let options = TLSOptions(
            authorities: try rewritten(certificates.authority),
            certificate: try rewritten(certificates.certificate("client")),
            key: try rewritten(certificates.key("client"))
        )
        try withExtendedLifetime(folder) { try TLSContext(options).check() }
    }

    @Test(
        "are named in the error, with the reason, if they are not usable",
        arguments: [
            ("/nowhere/ca.pem", .authorities, "No such file or directory"), ("/", .authorities, "Is a directory"),
            ("/dev/null", .authorities, "the file is empty"), ("/etc/passwd", .authorities, "contains no certificate"),
            ("/etc/passwd", .certificate, "contains no certificate"), ("/nowhere", .certificate, "No such file"),
            ("/etc/passwd", .key, "contains no key"), ("/nowhere", .key, "No such file"),
        ] as [(String, TLSError.File, String)]
    )
    func bad(path: String, file: TLSError.File, problem: String) throws {
        let certificates = try Certificates.shared
        var options = TLSOptions(authorities: certificates.authority)
        switch file {
        case .authorities: options.authorities = path
        case .certificate: (options.certificate, options.key) = (path, certificates.key("client"))
        case .key: (options.certificate, options.key) = (certificates.certificate("client"), path)
        }
        let error = #expect(throws: TLSError.self) { try TLSContext(options).check() }
        guard case .unusable(let told, path, let words)? = error else { throw error ?? .notBuilt }
        #expect(told == file)
        #expect(words.contains(problem))
        #expect(error?.description.contains(path) == true)
    }

    @Test("an encrypted or foreign key is refused, and nothing of it is shown", arguments: ["server", "encrypted"])
    func key(name: String) throws {
        let certificates = try Certificates.shared
        let options = TLSOptions(
            authorities: certificates.authority,
            certificate: certificates.certificate("client"),
            key: certificates.key(name)
        )
        let error = #expect(throws: TLSError.self) { try TLSContext(options).check() }
        let problem = name == "server" ? "it does not belong to the certificate" : "it is encrypted"
        let words = "the client certificate's key in \(certificates.key(name)): \(problem)"
        #expect(error?.description.contains(words) == true)
    }

    @Test("a certificate without its key is refused, and so is a key without its certificate")
    func incomplete() throws {
        let certificates = try Certificates.shared
        var options = TLSOptions(certificate: certificates.certificate("client"))
        options.authorities = certificates.authority
        #expect(throws: TLSError.incompleteIdentity) { try TLSContext(options).check() }
        (options.certificate, options.key) = (nil, certificates.key("client"))
        #expect(throws: TLSError.incompleteIdentity) { try TLSContext(options).check() }
    }
}
#endif
