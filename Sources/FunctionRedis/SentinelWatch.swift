import FunctionEventLoop

/// Keeps connections at the primary that the sentinels report (redis.io, "Guidelines for Redis clients with support for
/// Redis Sentinel").
///
/// While the connections are well, one sentinel is asked once a second. When one is lost, sentinels are asked at once
/// and then several times a second, one after the other: one of them may be late to know of a failover, or cut off.
/// While no sentinel replies, the connections stay with the primary that they know.
actor SentinelWatch {
    private let loop: EventLoop
    private let url: RedisURL
    private let master: String
    private let settings: ClientSettings

    /// The connections to the primary, all on this loop.
    private var connections: [RedisConnection] = []
    /// In the order in which they are asked.
    private var sentinels: [Sentinel]
    /// The primary's address, as last reported.
    private var place: RedisURL.Endpoint?
    /// The primary's address before that.
    private var former: RedisURL.Endpoint?
    private var isAsking = false
    private var isClosed = false
    private var lastRound = Instant(nanoseconds: 0)
    private var timer: Timer?

    private struct Sentinel {
        let endpoint: RedisURL.Endpoint
        /// Kept unless it turned out to be useless.
        var connection: RedisConnection?
        /// Why it has not reported the primary; nil if it has.
        var lastReportedError: String?
        /// Whether that was logged, and the recovery not yet.
        var isToldAway = false
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(_ url: RedisURL, _ master: String, on loop: EventLoop, _ settings: ClientSettings) {
        self.loop = loop
        self.url = url
        self.master = master
        self.settings = settings
        sentinels = url.endpoints.map { Sentinel(endpoint: $0) }
    }

    /// How long a sentinel may take to reply, connecting included.
    private static let timeout = Interval.milliseconds(250)

    /// Keeps `connections` at the primary until the watch is closed. Those that are not wanted yet follow later.
    func begin(for connections: [RedisConnection]) {
        guard !isClosed else { return }
        self.connections = connections
        timer = Timer(on: loop) { [weak self] in
            guard let self else { return }
            loop.start { await self.ask() }
        }
        timer?.deadline = loop.now
    }

    /// One of the connections was lost or could not be made.
    func connectionLost() {
        guard !isAsking, !isClosed else { return }
        timer?.deadline = max(loop.now, lastRound + .milliseconds(100))
    }

    func close() {
        isClosed = true
        connections = []
        timer?.cancel()
        keepConnection(of: nil)
    }

    /// Whether all wanted connections are connected.
    private var isWell: Bool {
        connections.allSatisfy { connection in
            connection.assumeIsolated { !$0.hasBegun || $0.state.isConnected }
        }
    }

    /// Asks sentinels until one reports the primary.
    private func ask() async {
        guard !isAsking, !isClosed else { return }
        isAsking = true
        lastRound = .now
        let place = await find()
        isAsking = false
        guard !isClosed else { return keepConnection(of: nil) }
        defer { timer?.deadline = lastRound + (isWell ? .seconds(1) : .milliseconds(.random(in: 100...250))) }
        if let place {
            keepConnection(of: 0)
            // Another sentinel may know better.
            if place == self.place && !isWell { sentinels.append(sentinels.removeFirst()) }
            await follow(place)
        } else if self.place == nil {
            for connection in connections { await connection.isAbsent(absence) }
        }
    }

    /// Returns the primary's address from the first sentinel that reports one, and asks that sentinel first from then
    /// on.
    ///
    /// A sentinel that reports the former primary may not know of the failover, or may be cut off. Then all sentinels
    /// are asked, and the former primary wins only if more of them report it than another.
    private func find() async -> RedisURL.Endpoint? {
        var told: [RedisURL.Endpoint?] = []
        for index in sentinels.indices where !isClosed {
            told.append(await askSentinel(at: index))
            if told.contains(where: { $0 != nil }), !told.contains(former) || former == nil { break }
        }
        let backward = told.count { $0 != nil && $0 == former }
        let forward = told.compactMap(\.self).filter { $0 != former }
        guard let place = backward > forward.count ? former : forward.first,
            let index = told.firstIndex(of: place)
        else { return nil }
        sentinels = Array(sentinels[index...] + sentinels[..<index])
        return place
    }

    private func follow(_ place: RedisURL.Endpoint) async {
        guard place != self.place else { return }
        settings.log.report("\(url): the primary is \(self.place == nil ? "" : "now ")\(place)")
        former = self.place
        self.place = place
        for connection in connections { await connection.move(to: place) }
    }

    /// Returns the primary's address from the sentinel at `index`.
    private func askSentinel(at index: Int) async -> RedisURL.Endpoint? {
        let endpoint = sentinels[index].endpoint
        let connection = sentinels[index].connection ?? connect(to: endpoint)
        sentinels[index].connection = connection
        let command = RedisCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", master)
        var place: RedisURL.Endpoint?
        var problem: String?
        do throws(RedisError) {
            let reply = try await connection.perform(command, by: .now + Self.timeout)
            place = reply.masterAddress
            if place == nil { problem = reply == .null ? "knows no such master" : "its reply is not an address" }
        } catch {
            problem = "\(error.reason)"
        }
        guard !isClosed else { return nil }
        note(problem, about: index)
        return place
    }

    /// Logs when a sentinel stops being useful, and when it is useful again.
    private func note(_ problem: String?, about index: Int) {
        let endpoint = sentinels[index].endpoint
        switch (sentinels[index].lastReportedError, problem) {
        case (nil, let problem?):
            let isTold = settings.log.report("\(url): sentinel \(endpoint): \(problem)")
            if isTold { sentinels[index].isToldAway = true }
        case (.some, nil) where sentinels[index].isToldAway:
            settings.log.tell("\(url): sentinel \(endpoint) replies again")
            sentinels[index].isToldAway = false
        default: break
        }
        sentinels[index].lastReportedError = problem
    }

    private var absence: String {
        let reasons = sentinels.map { "\($0.endpoint): \($0.lastReportedError ?? "not asked yet")" }
        return "no sentinel knows a master called \(master); \(reasons.joined(separator: "; "))"
    }

    private func connect(to endpoint: RedisURL.Endpoint) -> RedisConnection {
        let quiet = ClientSettings(
            timeout: Self.timeout,
            replicas: 0,
            looksAtSettings: false,
            tls: settings.tls,
            statistics: nil,
            log: OperatorLog { _ in }
        )
        let connection = RedisConnection(url.sentinel(endpoint), on: loop, quiet, queuesWhileDisconnected: false)
        connection.assumeIsolated { $0.begin() }
        return connection
    }

    /// Closes the connections to all other sentinels.
    private func keepConnection(of kept: Int?) {
        for index in sentinels.indices where index != kept {
            sentinels[index].connection?.assumeIsolated { $0.close() }
            sentinels[index].connection = nil
        }
    }
}

/// The replies of Redis and its sentinels about the primary.
extension RedisReply {
    /// A server's role in replication, from the reply to ROLE.
    enum Role {
        case master
        case replica
    }

    var role: Role? {
        guard case .array(let elements) = self, case .string(let name)? = elements.first else { return nil }
        if name.elementsEqual("master".utf8) { return .master }
        return name.elementsEqual("slave".utf8) ? .replica : nil
    }

    /// The primary's address, from a sentinel's reply to SENTINEL GET-MASTER-ADDR-BY-NAME.
    var masterAddress: RedisURL.Endpoint? {
        guard case .array(let elements) = self, elements.count == 2,
            case .string(let host) = elements[0], case .string(let digits) = elements[1],
            let port = UInt16(String(decoding: digits, as: UTF8.self)), port > 0,
            // Longer names cannot be resolved (RFC 1035, section 2.3.4).
            1...255 ~= host.count, host.allSatisfy(RedisURL.isAddressByte)
        else { return nil }
        return .tcp(host: String(decoding: host, as: UTF8.self), port: port)
    }
}
