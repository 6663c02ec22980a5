/// Connects to the first of several addresses that accepts (RFC 8305), and closes the other attempts.
///
/// For a single ``connect()``. Lives on its loop's thread.
public final class Connector: @unchecked Sendable {
    // Unchecked: only its loop's thread touches it.

    /// Thrown if no address could be connected to.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The failed attempts, in the order in which they failed.
        public let tries: [Try]
        public let isCancelled: Bool

        public struct Try: Hashable, Sendable {
            public let address: String
            public let error: SystemError
        }

        /// `connect: 10.0.0.1:6379: Connection refused; [::1]:6379: Connection timed out`
        public var description: String {
            let causes = tries.map { "\($0.address): \($0.error.cause)" }
            if causes.isEmpty { return isCancelled ? "connect: cancelled" : "connect: there is no address" }
            return "connect: " + causes.joined(separator: "; ")
        }
    }

    private let addresses: [SocketAddress]
    private let loop: EventLoop
    private let receiveBuffer: Int?
    private let limit: Interval
    private let deadline: Instant

    private var race: ConnectionRace
    private(set) var sockets: [Int: Socket] = [:]
    private var tries: [Failure.Try] = []
    private var timer: Timer?
    private let outcome = Promise<Outcome>()

    private typealias Outcome = Result<(Socket, SocketAddress), Failure>

    /// Each attempt may take `limit` and none may outlast `deadline`. `receiveBuffer` is passed to
    /// ``Socket/beginConnecting(to:on:receiveBuffer:)``.
    public init(
        _ addresses: [SocketAddress],
        on loop: EventLoop,
        receiveBuffer: Int? = nil,
        limit: Interval,
        until deadline: Instant = .forever
    ) {
        self.addresses = addresses
        self.loop = loop
        self.receiveBuffer = receiveBuffer
        self.limit = limit
        self.deadline = deadline
        race = ConnectionRace(count: addresses.count)
    }

    /// Returns the connected socket and its address.
    public func connect() async throws(Failure) -> (Socket, SocketAddress) {
        goOn()
        return try await outcome.wait().get()
    }

    /// Closes the running attempts. ``connect()`` throws unless it has already ended.
    public func cancel() {
        for number in race.cancel() { sockets.removeValue(forKey: number)?.close() }
        end(.failure(Failure(tries: tries, isCancelled: true)))
    }

    private func goOn() {
        guard !outcome.isFulfilled else { return }
        if race.isOver { return end(.failure(Failure(tries: tries, isCancelled: true))) }
        while let number = race.begin(now: .now) { begin(number) }
        if race.isLost { return end(.failure(Failure(tries: tries, isCancelled: false))) }
        let timer = timer ?? Timer(on: loop) { [weak self] in self?.goOn() }
        self.timer = timer
        timer.deadline = race.beginsNext
    }

    private func begin(_ number: Int) {
        do throws(SystemError) {
            let socket = try Socket.beginConnecting(to: addresses[number], on: loop, receiveBuffer: receiveBuffer)
            sockets[number] = socket
            let end = min(deadline, .now + limit)
            loop.start { await self.finish(number, socket, until: end) }
        } catch {
            failed(number, error)
        }
    }

    private func finish(_ number: Int, _ socket: Socket, until end: Instant) async {
        do throws(SystemError) {
            try await socket.finishConnecting(until: end)
            connected(number, socket)
        } catch {
            // An attempt that lost the race has been closed and removed already.
            guard sockets.removeValue(forKey: number) != nil else { return }
            failed(number, error)
            goOn()
        }
    }

    private func connected(_ number: Int, _ socket: Socket) {
        let (isFirst, losers) = race.connected(number)
        guard isFirst else { return socket.close() }
        sockets[number] = nil
        for loser in losers { sockets.removeValue(forKey: loser)?.close() }
        end(.success((socket, addresses[number])))
    }

    private func failed(_ number: Int, _ error: SystemError) {
        tries.append(Failure.Try(address: addresses[number].description, error: error))
        race.failed(number, now: .now)
    }

    private func end(_ outcome: Outcome) {
        timer?.cancel()
        timer = nil
        self.outcome.fulfil(outcome)
    }
}
