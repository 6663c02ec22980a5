/// Why TLS with a server failed. The description is for an operator and contains nothing of a key.
public enum TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The build does not include TLS.
    case notBuilt
    /// A file of ``TLSOptions``, or of the system's, cannot be used.
    case unusable(File, path: String, problem: String)
    /// A certificate without its key, or a key without its certificate.
    case incompleteIdentity
    /// No CA certificates are named, and the system has none in the known places.
    case noAuthorities
    /// This client does not accept the server's certificate.
    case refused(CertificateProblem)
    /// The server supports neither TLS 1.2 nor 1.3.
    case protocolTooOld
    /// The server wants a client certificate, and the options have none.
    case certificateWanted
    /// The server does not accept the client certificate, for the given reason.
    case certificateRefused(String)
    /// The server sent something other than TLS.
    case noTLS
    /// The connection ended during the handshake.
    case connectionLost(String)
    case timedOut
    /// As ``timedOut``, and nothing was received: for example from a Redis without TLS, which reads the handshake as half a
    /// command.
    case noResponse
    /// The socket was closed, or its wait interrupted.
    case interrupted
    /// Any other error, in OpenSSL's words.
    case failed(String)

    public enum File: Hashable, Sendable, CustomStringConvertible {
        case authorities
        case certificate
        case key

        public var description: String {
            switch self {
            case .authorities: "the CA certificates"
            case .certificate: "the client certificate"
            case .key: "the client certificate's key"
            }
        }
    }

    /// What is wrong with a server's certificate.
    public enum CertificateProblem: Hashable, Sendable, CustomStringConvertible {
        case expired
        case notYetValid
        case selfSigned
        case unknownAuthority
        case otherName(wanted: String)
        /// In OpenSSL's words.
        case other(String)

        public var description: String {
            switch self {
            case .expired: "it has expired"
            case .notYetValid: "it is not valid yet"
            case .selfSigned: "it is self-signed and not among the trusted ones"
            case .unknownAuthority: "its authority is unknown"
            case .otherName(let wanted): "it is for another name than \(wanted)"
            case .other(let reason): reason
            }
        }
    }

    public var description: String {
        switch self {
        case .notBuilt: "this build has no TLS; \(Self.howToBuild)"
        case .unusable(let file, let path, let problem): "\(file) in \(path): \(problem)"
        case .incompleteIdentity: "a client certificate needs both its file and its key's file"
        case .noAuthorities:
            "no CA certificates were found on this system; name a file of them, or set SSL_CERT_FILE or SSL_CERT_DIR"
        case .refused(let problem): "the server's certificate is refused: \(problem)"
        case .protocolTooOld: "the server speaks neither TLS 1.2 nor 1.3"
        case .certificateWanted: "the server wants a client certificate, and none is set"
        case .certificateRefused(let reason): "the server refuses the client certificate: \(reason)"
        case .noTLS: "the server does not speak TLS on this port"
        case .connectionLost(let cause): "the connection was lost during the TLS handshake (\(cause))"
        case .timedOut: "the TLS handshake took too long"
        case .noResponse: "the server did not respond to the TLS handshake; does it speak TLS on this port?"
        case .interrupted: "the TLS handshake was interrupted"
        case .failed(let reason): "TLS failed: \(reason)"
        }
    }

    /// Advice for a build without TLS.
    public static let howToBuild = "build with script/build --tls (swift build --traits TLS)"
}
