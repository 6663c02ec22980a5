/// Whom TLS trusts, and as whom it presents itself. Files are in PEM form.
public struct TLSOptions: Hashable, Sendable {
    /// The certificates of the authorities that servers' certificates are checked against; nil for the system's
    /// (`SSL_CERT_FILE`, else where distributions keep them).
    public var authorities: String?
    /// The client's own certificate, and behind it those of its chain; nil for none.
    public var certificate: String?
    /// The certificate's private key, not encrypted; given if and only if the certificate is.
    public var key: String?

    public init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
    }
}
