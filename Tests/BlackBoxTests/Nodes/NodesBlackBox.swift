import FunctionEventLoop
import FunctionRedis
import Support
import Testing

/// All tests of both executables with several servers. They run one after another, because each has up to nine servers
/// under load.
@Suite("Both executables with several servers", .serialized)
enum NodesBlackBox {
    /// Each test runs this many times, with new servers.
    static let rounds = 1...(LongRun.isOn ? 5 : 1)
    /// The most time from when a new primary is visible until it serves.
    static let failover = Interval.seconds(2)
    /// How much longer it may take on a machine of two cores that other tests keep busy.
    static let margin = LongRun.isOn ? Interval.milliseconds(500) : .milliseconds(1500)

    /// How a primary is lost.
    enum Fault: CaseIterable {
        case killed
        /// It stops, and goes on when another has taken over.
        case hung

        func begin(_ node: RedisNode) {
            switch self {
            case .killed: node.server.kill()
            case .hung: node.server.suspend()
            }
        }

        func end(_ node: RedisNode) throws {
            switch self {
            case .killed: try node.server.restart()
            case .hung: node.server.resume()
            }
        }
    }

    static func report(_ text: String) {
        if LongRun.isOn { print(text) }
    }

    /// Expects that the organization's requests succeed soon after `seen`, and do not fail later.
    static func expectBack(_ traffic: Traffic, _ organization: Int, seen: Instant) async throws {
        let back = try await traffic.serves(organization, since: seen) - seen
        await traffic.goOn(.seconds(2))
        let lastFailure = traffic.soFar.lastFailure(of: organization).map { $0.start - seen }
        report("back after \(back.milliseconds) ms, last failure began at \(lastFailure?.milliseconds ?? 0) ms")
        #expect(back < failover + margin)
        #expect(lastFailure ?? .seconds(0) < failover + margin)
    }

    /// Ends the functions, and expects that the clients' results match the store.
    static func expectSettled(_ traffic: Traffic, _ deployment: Deployment, losesNothing: Bool) async throws {
        let result = await traffic.finish()
        try await deployment.end()
        result.expectSound()
        let failed = result.mints.count(where: \.isFailure) + result.streams.count(where: \.isFailure)
        report(
            "\(result.mints.count) mints, \(result.opened.count) streams, \(failed) failed, \(result.vanished) vanished, "
                + "longest \(result.longest(result.mints).milliseconds) and "
                + "\(result.longest(result.streams).milliseconds) ms"
        )
        try await result.expectSettled(deployment.organizations, losesNothing: losesNothing)
    }
}
