#if TLS
import Glibc

/// The locations of the CA certificates that the system trusts.
struct SystemAuthorities {
    /// A PEM file of all certificates.
    let file: String?
    /// Folders with a file for each certificate, named by its subject's hash (openssl-rehash(1)).
    let folders: [String]

    /// Returns the locations in SSL_CERT_FILE and SSL_CERT_DIR, like OpenSSL's own programs; otherwise the first of the
    /// distributions' files that is readable. Nil if there is none.
    static func found() -> SystemAuthorities? {
        let file = variable("SSL_CERT_FILE")
        let folders = variable("SSL_CERT_DIR")?.split(separator: ":").map(String.init) ?? []
        if file != nil || !folders.isEmpty { return SystemAuthorities(file: file, folders: folders) }
        return places.first { access($0, R_OK) == 0 }.map { SystemAuthorities(file: $0, folders: []) }
    }

    private static let places = [
        // Debian, and so this project's images.
        "/etc/ssl/certs/ca-certificates.crt",
        // Fedora and Amazon Linux; newer versions of Fedora and RHEL.
        "/etc/pki/tls/certs/ca-bundle.crt", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        // openSUSE.
        "/etc/ssl/ca-bundle.pem", "/var/lib/ca-certificates/ca-bundle.pem",
        // Alpine.
        "/etc/ssl/cert.pem",
    ]

    private static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }
}
#endif
