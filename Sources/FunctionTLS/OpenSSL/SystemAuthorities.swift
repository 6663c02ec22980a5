#if TLS
import Glibc

/// Where the authorities are that the system trusts.
struct SystemAuthorities {
    /// PEM of all of them.
    let file: String?
    /// Each certificate in a file that is named by its subject's hash (openssl-rehash(1)).
    let folders: [String]

    /// What SSL_CERT_FILE and SSL_CERT_DIR name, as for OpenSSL's own programs; else what there is where a distribution keeps
    /// it. Nil if nothing is found.
    static func found() -> SystemAuthorities? {
        let file = variable("SSL_CERT_FILE")
        let folders = variable("SSL_CERT_DIR")?.split(separator: ":").map(String.init) ?? []
        if file != nil || !folders.isEmpty { return SystemAuthorities(file: file, folders: folders) }
        return places.first { access($0, R_OK) == 0 }.map { SystemAuthorities(file: $0, folders: []) }
    }

    private static let places = [
        // Debian, and with it the images.
        "/etc/ssl/certs/ca-certificates.crt",
        // Fedora, Amazon Linux; newer ones of Fedora and RHEL.
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
