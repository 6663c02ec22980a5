#if TLS
import CFunctionOpenSSL

/// The first error of OpenSSL's queue, which each thread has for itself (ERR_get_error(3)).
struct OpenSSLError {
    private let code: UInt

    /// Takes it out, with all behind it.
    static func taken() -> OpenSSLError {
        defer { ERR_clear_error() }
        return OpenSSLError(code: ERR_peek_error())
    }

    /// What libssl found; nil if that is of another part.
    var reason: Int32? {
        ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : nil
    }

    /// The alert that the peer sent (RFC 8446, section 6); nil if it is none.
    var alert: Int32? {
        reason.flatMap { $0 > SSL_AD_REASON_OFFSET ? $0 - SSL_AD_REASON_OFFSET : nil }
    }

    var text: String {
        ERR_reason_error_string(code).map { String(cString: $0) } ?? "unknown error"
    }

    /// What is wrong with a file that should hold a certificate or a key.
    func problem(of thing: String) -> String {
        switch (ERR_GET_LIB(code), ERR_GET_REASON(code)) {
        case (ERR_LIB_X509, X509_R_KEY_VALUES_MISMATCH): "it is not that of the certificate"
        case (ERR_LIB_PEM, PEM_R_BAD_PASSWORD_READ), (ERR_LIB_PEM, PEM_R_PROBLEMS_GETTING_PASSWORD),
            (ERR_LIB_CRYPTO, Int32(ERR_R_INTERRUPTED_OR_CANCELLED)):
            "it is encrypted; give it without a password"
        case (ERR_LIB_PEM, PEM_R_NO_START_LINE), (ERR_LIB_X509, X509_R_NO_CERTIFICATE_OR_CRL_FOUND),
            (ERR_LIB_OSSL_DECODER, Int32(ERR_R_UNSUPPORTED)):
            "the file holds no \(thing) in PEM form"
        default: "\(text)"
        }
    }
}
#endif
