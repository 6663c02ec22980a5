import FunctionEventLoop

/// What all connections with the same ``TLSOptions`` share: the authorities and the client's certificate.
///
/// Its files are read when the first connection needs them, and once. One for all loops of a process. From any thread.
public final class TLSContext: Sendable {
    public let options: TLSOptions
    #if TLS
    private let loaded = Lock<LoadedContext?>(nil)

    /// What the files hold; read by the first who asks, while others wait.
    func load() throws(TLSError) -> LoadedContext {
        try loaded.withLock { loaded throws(TLSError) in
            if let loaded { return loaded }
            let new = try LoadedContext(options)
            loaded = new
            return new
        }
    }
    #endif

    public init(_ options: TLSOptions = TLSOptions()) {
        self.options = options
    }

    /// Trusts the system's authorities, and has no certificate of its own.
    public static let system = TLSContext()

    /// Whether this build has TLS.
    public static var isBuilt: Bool {
        #if TLS
        true
        #else
        false
        #endif
    }

    /// Reads the files that the options name, so that what is wrong with them is told before there is a connection. The
    /// system's authorities are many, and left for the first connection: of them this sees only whether they are there.
    public func check() throws(TLSError) {
        #if TLS
        if options == TLSOptions() {
            guard SystemAuthorities.found() != nil else { throw .noAuthorities }
        } else {
            _ = try load()
        }
        #else
        throw .notBuilt
        #endif
    }
}

/// Whom TLS trusts, and as whom it presents itself. Files are in PEM form.
public struct TLSOptions: Hashable, Sendable {
    /// The certificates of the authorities that servers' certificates are checked against; nil for the system's
    /// (those of `SSL_CERT_FILE` and `SSL_CERT_DIR`, else where distributions keep them).
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
