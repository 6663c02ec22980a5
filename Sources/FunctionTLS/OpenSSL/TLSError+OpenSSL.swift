#if TLS
import CFunctionOpenSSL

/// The facts about a failed handshake that explain it.
struct Handshake {
    let serverName: String
    /// The result of checking the server's certificate: X509_V_OK, or an error.
    let verdict: Int
    let isCertificateWanted: Bool
    let hasCertificate: Bool

    /// The cause for ``TLSError/connectionLost(_:)``.
    var cut: String {
        "closed by the server" + (isCertificateWanted && !hasCertificate ? ", which wants a client certificate" : "")
    }
}

extension TLSError {
    init(_ error: OpenSSLError, _ handshake: Handshake) {
        if let alert = error.alert {
            self.init(alert: alert, error.text, handshake)
            return
        }
        switch error.reason {
        case SSL_R_CERTIFICATE_VERIFY_FAILED: self = .refused(CertificateProblem(handshake))
        case SSL_R_UNSUPPORTED_PROTOCOL: self = .protocolTooOld
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_PACKET_LENGTH_TOO_LONG: self = .noTLS
        case SSL_R_UNEXPECTED_EOF_WHILE_READING: self = .connectionLost(handshake.cut)
        default: self = .failed(error.text)
        }
    }

    /// The error for a server's alert (RFC 8446, section 6.2).
    private init(alert: Int32, _ text: String, _ handshake: Handshake) {
        switch alert {
        case SSL_AD_PROTOCOL_VERSION: self = .protocolTooOld
        case SSL_AD_CERTIFICATE_REQUIRED: self = .certificateWanted
        // TLS 1.2 has no specific alert for this.
        case SSL_AD_HANDSHAKE_FAILURE where handshake.isCertificateWanted && !handshake.hasCertificate:
            self = .certificateWanted
        case SSL_AD_BAD_CERTIFICATE, SSL_AD_UNSUPPORTED_CERTIFICATE, SSL_AD_CERTIFICATE_REVOKED,
            SSL_AD_CERTIFICATE_EXPIRED, SSL_AD_CERTIFICATE_UNKNOWN, SSL_AD_UNKNOWN_CA:
            self = .certificateRefused(text)
        default: self = .failed(text)
        }
    }
}

extension TLSError.CertificateProblem {
    init(_ handshake: Handshake) {
        switch Int32(handshake.verdict) {
        case X509_V_ERR_CERT_HAS_EXPIRED: self = .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: self = .notYetValid
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: self = .selfSigned
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            self = .unknownAuthority
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            self = .otherName(wanted: handshake.serverName)
        default:
            self = .other(X509_verify_cert_error_string(handshake.verdict).map { String(cString: $0) } ?? "unknown")
        }
    }
}

/// The first error in OpenSSL's queue, of which each thread has one (ERR_get_error(3)).
struct OpenSSLError {
    private let code: UInt

    /// Returns the first error and clears the queue.
    static func taken() -> OpenSSLError {
        defer { ERR_clear_error() }
        return OpenSSLError(code: ERR_peek_error())
    }

    /// The reason code of libssl; nil for an error of another library.
    var reason: Int32? {
        ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : nil
    }

    /// The alert that the peer sent (RFC 8446, section 6); nil for other errors.
    var alert: Int32? {
        reason.flatMap { $0 > SSL_AD_REASON_OFFSET ? $0 - SSL_AD_REASON_OFFSET : nil }
    }

    var text: String {
        ERR_reason_error_string(code).map { String(cString: $0) } ?? "unknown error"
    }

    /// Describes the problem with a file that should contain a certificate or a key.
    func problem(of thing: String) -> String {
        switch (ERR_GET_LIB(code), ERR_GET_REASON(code)) {
        case (ERR_LIB_X509, X509_R_KEY_VALUES_MISMATCH): "it does not belong to the certificate"
        case (ERR_LIB_PEM, PEM_R_BAD_PASSWORD_READ), (ERR_LIB_PEM, PEM_R_PROBLEMS_GETTING_PASSWORD),
            (ERR_LIB_CRYPTO, Int32(ERR_R_INTERRUPTED_OR_CANCELLED)):
            "it is encrypted; give it without a password"
        case (ERR_LIB_PEM, PEM_R_NO_START_LINE), (ERR_LIB_X509, X509_R_NO_CERTIFICATE_OR_CRL_FOUND),
            (ERR_LIB_OSSL_DECODER, Int32(ERR_R_UNSUPPORTED)):
            "the file contains no \(thing) in PEM form"
        default: "\(text)"
        }
    }
}
#endif
