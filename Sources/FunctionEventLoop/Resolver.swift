import CFunctionLinux
import Glibc

/// Resolves host names to addresses.
public enum Resolver {
    /// Thrown if a name could not be resolved.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        public let host: String
        /// getaddrinfo(3)'s message, or why there is none: no thread, a timeout, a cancellation.
        public let reason: String

        public var description: String { "\(host): \(reason)" }
    }

    /// The longest wait for a lookup: enough for a second query if the first is lost (resolv.conf(5), `timeout`).
    public static let limit = Interval.seconds(6)

    private static let lookups = Lookups { lookUp($0) }

    /// Resolves `host` and returns its addresses, best first. Nothing is cached. A numeric address is returned at once; a
    /// name is looked up on another thread, because getaddrinfo(3) blocks and would stall every connection of the loop.
    /// Simultaneous calls for one name share a lookup. Throws after ``limit``, at `deadline`, or if the caller's task is
    /// cancelled, whichever comes first.
    public static func resolve(
        _ host: String,
        port: UInt16,
        on loop: EventLoop,
        until deadline: Instant = .forever
    ) async throws(Failure) -> [SocketAddress] {
        if let address = SocketAddress(ip: host, port: port) { return [address] }
        let answer = TimedPromise<Result<[SocketAddress], Failure>>(on: loop)
        let ticket = lookups.add(host) { result in
            loop.start { await answer.fulfil(result) }
        }
        switch await answer.wait(until: min(deadline, .now + limit)) {
        case .value(let result): return try result.get().map { $0.with(port: port) }
        case .timedOut:
            lookups.remove(ticket, of: host)
            throw Failure(host: host, reason: "the lookup timed out")
        case .cancelled:
            lookups.remove(ticket, of: host)
            throw Failure(host: host, reason: "the lookup was cancelled")
        }
    }

    /// Returns the addresses of `host`, with port 0. Blocks the calling thread until the system's resolver returns.
    static func lookUp(_ host: String) -> Result<[SocketAddress], Failure> {
        _ = usesOwnSources
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        // No service name, so that the C library does not read /etc/services or other sources of services.
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else { return .failure(Failure(host: host, reason: String(cString: gai_strerror(code)))) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = list
        while let info = entry?.pointee {
            if let address = info.ai_addr.flatMap({ SocketAddress($0) }) { addresses.append(address) }
            entry = info.ai_next
        }
        return .success(addresses)
    }

    /// Restricts the C library to /etc/hosts and DNS, whatever nsswitch.conf says. Other sources are modules of the host's
    /// C library, and a module of another version than the one linked in here crashes the process. Set once, before the
    /// first lookup.
    private static let usesOwnSources = __nss_configure_lookup("hosts", "files dns") == 0
}
