import FunctionEventLoop

/// Keeps connections at the master that the sentinels tell of (redis.io, "Guidelines for Redis clients with support for
/// Redis Sentinel").
///
/// One sentinel is asked once a second while the connections are well. When one of them is lost, sentinels are asked at
/// once and then some times a second, one after the other: one of them may be late to know of a failover, or cut off.
/// While no sentinel answers, the connections go on with the master that they know.
actor SentinelWatch {
    private let loop: EventLoop
    private let url: RedisURL
    private let master: String
    private let settings: ClientSettings

    /// To the master, all of this loop.
    private var connections: [RedisConnection] = []
    /// The next to be asked first.
    private var sentinels: [Sentinel]
    /// Where the master is, as far as a sentinel has told.
    private var place: RedisURL.Endpoint?
    /// Where the master was before.
    private var former: RedisURL.Endpoint?
    private var isAsking = false
    private var isClosed = false
    private var lastRound = Instant(nanoseconds: 0)
    private var timer: Timer?

    private struct Sentinel {
        let endpoint: RedisURL.Endpoint
        /// Kept while it is of use, or not known to be of none.
        var connection: RedisConnection?
        /// Why it has not told where the master is; nil if it has.
        var lastReportedError: String?
        /// Whether the operator was told of that, and not yet that it tells again.
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

    /// How long a sentinel has for its answer, connecting included.
    private static let timeout = Interval.milliseconds(250)

    /// Has `connections` be at the master, once they are wanted, until the watch is closed.
    func begin(for connections: [RedisConnection]) {
        guard !isClosed else { return }
        self.connections = connections
        timer = Timer(on: loop) { [weak self] in
            guard let self else { return }
            loop.start { await self.ask() }
        }
        timer?.deadline = loop.now
    }

    /// One of the connections is lost, or could not be made.
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

    /// Whether every connection that is wanted is there.
    private var isWell: Bool {
        connections.allSatisfy { connection in
            connection.assumeIsolated { !$0.hasBegun || $0.state.isConnected }
        }
    }

    /// Asks sentinels until one tells where the master is.
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
            // Another may know better.
            if place == self.place && !isWell { sentinels.append(sentinels.removeFirst()) }
            await follow(place)
        } else if self.place == nil {
            for connection in connections { await connection.isAbsent(absence) }
        }
    }

    /// Where the master is by the first sentinel that tells, which is the first to be asked from then on.
    ///
    /// One that tells of the master before may not have heard of the failover, or be cut off: then all are asked, and to
    /// go back takes more of them than tell otherwise.
    private func find() async -> RedisURL.Endpoint? {
        var told: [RedisURL.Endpoint?] = []
        for index in sentinels.indices where !isClosed {
            told.append(await answer(of: index))
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
        settings.log.complain("\(url): the master is \(self.place == nil ? "" : "now ")\(place)")
        former = self.place
        self.place = place
        for connection in connections { await connection.move(to: place) }
    }

    /// Where the sentinel at `index` says that the master is.
    private func answer(of index: Int) async -> RedisURL.Endpoint? {
        let endpoint = sentinels[index].endpoint
        let connection = sentinels[index].connection ?? connect(to: endpoint)
        sentinels[index].connection = connection
        let command = RedisCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", master)
        var place: RedisURL.Endpoint?
        var problem: String?
        do throws(RedisError) {
            let reply = try await connection.perform(command, by: .now + Self.timeout)
            place = reply.masterAddress
            if place == nil { problem = reply == .null ? "knows no such master" : "its answer is no address" }
        } catch {
            problem = "\(error.reason)"
        }
        guard !isClosed else { return nil }
        note(problem, about: index)
        return place
    }

    /// Tells the operator when a sentinel ceases to be of use, and when it is again.
    private func note(_ problem: String?, about index: Int) {
        let endpoint = sentinels[index].endpoint
        switch (sentinels[index].lastReportedError, problem) {
        case (nil, let problem?):
            let isTold = settings.log.complain("\(url): sentinel \(endpoint): \(problem)")
            if isTold { sentinels[index].isToldAway = true }
        case (.some, nil) where sentinels[index].isToldAway:
            settings.log.tell("\(url): sentinel \(endpoint) tells again")
            sentinels[index].isToldAway = false
        default: break
        }
        sentinels[index].lastReportedError = problem
    }

    private var absence: String {
        let reasons = sentinels.map { "\($0.endpoint): \($0.lastReportedError ?? "not asked yet")" }
        return "no sentinel tells of a master called \(master); \(reasons.joined(separator: "; "))"
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

    /// Closes the connections of all others.
    private func keepConnection(of kept: Int?) {
        for index in sentinels.indices where index != kept {
            sentinels[index].connection?.assumeIsolated { $0.close() }
            sentinels[index].connection = nil
        }
    }
}

/// What Redis and its sentinels answer about who is the master.
extension RedisReply {
    /// The role that a server has in replication, as ROLE answers it.
    enum Role {
        case master
        case replica
    }

    var role: Role? {
        guard case .array(let elements) = self, case .string(let name)? = elements.first else { return nil }
        if name.elementsEqual("master".utf8) { return .master }
        return name.elementsEqual("slave".utf8) ? .replica : nil
    }

    /// Where a sentinel says that the master is (SENTINEL GET-MASTER-ADDR-BY-NAME).
    var masterAddress: RedisURL.Endpoint? {
        guard case .array(let elements) = self, elements.count == 2,
            case .string(let host) = elements[0], case .string(let digits) = elements[1],
            let port = UInt16(String(decoding: digits, as: UTF8.self)), port > 0,
            // No longer name can be resolved (RFC 1035, section 2.3.4).
            1...255 ~= host.count, host.allSatisfy(RedisURL.isAddressByte)
        else { return nil }
        return .tcp(host: String(decoding: host, as: UTF8.self), port: port)
    }
}
