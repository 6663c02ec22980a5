import CFunctionLinux
import Glibc

/// Turns host names into addresses.
public enum Resolver {
    /// A name that has no address.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        public let host: String
        /// What getaddrinfo(3) says, or why it was not asked or not waited for.
        public let reason: String

        public var description: String { "\(host): \(reason)" }
    }

    /// How long a lookup is waited for: a name server that loses the first question has a second one by then
    /// (resolv.conf(5), `timeout`).
    public static let limit = Interval.seconds(6)

    private static let lookups = Lookups { lookUp($0) }

    /// The addresses of `host`, best first, asked for anew at each call. Numeric ones are returned at once; for a name a
    /// thread waits, as getaddrinfo(3) blocks and would stall every connection of the loop. Callers that want one name
    /// at the same time share one lookup. Fails after ``limit``, at `deadline`, or when the caller's task is cancelled,
    /// whichever is first.
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
            throw Failure(host: host, reason: "the lookup has not ended in time")
        case .cancelled:
            lookups.remove(ticket, of: host)
            throw Failure(host: host, reason: "the lookup was cancelled")
        }
    }

    /// The addresses of `host`, with port 0. Blocks the calling thread as long as the system's resolver takes.
    static func lookUp(_ host: String) -> Result<[SocketAddress], Failure> {
        _ = usesOwnSources
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        // No service is named: /etc/services and whoever else knows of services is not asked.
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

    /// Has the C library look names up by /etc/hosts and DNS only, whatever nsswitch.conf says: other sources are modules
    /// of the host's C library, and one of another version than is linked in here crashes the process. Done once,
    /// before the first lookup.
    private static let usesOwnSources = __nss_configure_lookup("hosts", "files dns") == 0
}
