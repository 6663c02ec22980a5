import FunctionEventLoop

/// The CA certificates and the client's certificate, shared by all connections with the same ``TLSOptions``.
///
/// The first connection reads the files, once. One context serves all loops of a process; any thread may use it.
public final class TLSContext: Sendable {
    public let options: TLSOptions
    #if TLS
    private let loaded = Lock<LoadedContext?>(nil)

    /// Returns the loaded files. The first caller reads them while others wait.
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

    /// Trusts the system's CA certificates and has no client certificate.
    public static let system = TLSContext()

    /// Whether this build has TLS.
    public static var isBuilt: Bool {
        #if TLS
        true
        #else
        false
        #endif
    }

    /// Reads the files that the options name, to report errors before the first connection. The system's CA certificates
    /// are many: without options this only checks that they exist, and leaves reading them to the first connection.
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

/// The certificates that TLS trusts and presents, as paths of PEM files.
public struct TLSOptions: Hashable, Sendable {
    /// The CA certificates that servers' certificates are checked against; nil for the system's, which are those of
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR`, otherwise those of the distribution.
    public var authorities: String?
    /// The client certificate, followed by its chain; nil for none.
    public var certificate: String?
    /// The certificate's private key, not encrypted; required with a certificate, and only then.
    public var key: String?

    public init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
    }
}
