public import FunctionTLS

extension TLSContext {
    /// Trusts the authority of the ``Certificates``, and presents the certificate of this name, if given.
    public static func ofTests(certificate: String? = nil) throws -> TLSContext {
        let certificates = try Certificates.shared
        return TLSContext(
            TLSOptions(
                authorities: certificates.authority,
                certificate: certificate.map(certificates.certificate),
                key: certificate.map(certificates.key)
            )
        )
    }
}
