/// Why there is no TLS with a server. The description is for an operator, and holds nothing of a key.
public enum TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// This build has no TLS.
    case notBuilt
    /// A file of ``TLSOptions``, or of the system's, cannot be used.
    case unusable(File, path: String, problem: String)
    /// A certificate without its key, or the other way round.
    case incompleteIdentity
    /// No authorities are given, and the system has none where they are looked for.
    case noAuthorities
    /// The server's certificate is not accepted.
    case refused(CertificateProblem)
    /// The server speaks none of TLS 1.2 and 1.3.
    case protocolTooOld
    /// The server wants a certificate of its client, and none is given.
    case certificateWanted
    /// The server does not accept the client's certificate; with what it says.
    case certificateRefused(String)
    /// What answers there is not TLS.
    case noTLS
    /// The connection ended during the handshake.
    case connectionLost(String)
    case timedOut
    /// It took too long, and nothing at all has come: as of a Redis that takes the handshake for half a command.
    case noAnswer
    /// The socket was closed, or its wait interrupted.
    case interrupted
    /// Anything else, in OpenSSL's words.
    case failed(String)

    public enum File: Hashable, Sendable, CustomStringConvertible {
        case authorities
        case certificate
        case key

        public var description: String {
            switch self {
            case .authorities: "the certificates of authorities"
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
            case .selfSigned: "it is self-signed, and not among the authorities"
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
            "no certificates of authorities were found on this system; name a file of them, or set SSL_CERT_FILE or SSL_CERT_DIR"
        case .refused(let problem): "the server's certificate is refused: \(problem)"
        case .protocolTooOld: "the server speaks neither TLS 1.2 nor 1.3"
        case .certificateWanted: "the server wants a client certificate, and none is set"
        case .certificateRefused(let reason): "the server refuses the client certificate: \(reason)"
        case .noTLS: "the server does not speak TLS on this port"
        case .connectionLost(let cause): "the connection was lost during the TLS handshake (\(cause))"
        case .timedOut: "the TLS handshake took too long"
        case .noAnswer: "the server did not answer the TLS handshake; does it speak TLS on this port?"
        case .interrupted: "the TLS handshake was interrupted"
        case .failed(let reason): "TLS failed: \(reason)"
        }
    }

    /// What to do where TLS is asked for and not there.
    public static let howToBuild = "build with script/build --tls (swift build --traits TLS)"
}
