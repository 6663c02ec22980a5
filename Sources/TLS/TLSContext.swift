internal import EventLoop

/// What all connections with the same ``TLSOptions`` share: the authorities and the client's certificate.
///
/// Its files are read when the first connection needs them, and once. One for all loops of a process. From any thread.
public final class TLSContext: Sendable {
    public let options: TLSOptions
    #if TLS
    let loaded = Lock<LoadedContext?>(nil)
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
            guard LoadedContext.systemAuthorities() != nil else { throw .noAuthorities }
        } else {
            _ = try load()
        }
        #else
        throw .notBuilt
        #endif
    }
}
