import FunctionEventLoop
import FunctionRedis
import Glibc
import StreamTokens
import Support
import Testing

/// Both functions with several Redis servers, and organizations there.
final class Deployment: Sendable {
    /// The timeout of an operation on Redis.
    static let timeout = Interval.milliseconds(1000)
    static let credits = 1_000_000

    let token: FunctionProcess
    let stream: FunctionProcess
    let tokenPort: UInt16
    let streamPort: UInt16
    let organizations: [TestOrganization]

    init(_ url: RedisURL, _ organizations: [TestOrganization], _ settings: [String: String] = [:]) async throws {
        let common = [
            "HOST": "127.0.0.1", "PORT": "0", "REDIS_URL": url.description, "LOOPS": "1",
            "REDIS_TIMEOUT_MS": "\(Self.timeout.milliseconds)",
        ]
        let environment = common.merging(settings) { $1 }
        self.organizations = organizations
        token = try FunctionProcess(.token, environment)
        stream = try FunctionProcess(.stream, environment)
        tokenPort = try await token.port()
        streamPort = try await stream.port()
        for port in [tokenPort, streamPort] {
            let client = Client(port: port)
            try await eventually("the function is ready") { try await client.ask("/health/readiness").status == 200 }
            await client.close()
        }
    }

    /// Ends the functions, which settle their attempts before.
    func end() async throws {
        for process in [token, stream] {
            process.signal(SIGTERM)
            try await expect(process.exitCode(), is: 0)
        }
    }

    func open(_ token: String) async throws -> ReceivedResponse {
        let client = StreamClient(port: streamPort)
        let response = try await client.ask(StreamRequest.echo("one two three").text(token))
        await client.close()
        return response
    }
}

extension ClusterServers {
    /// An organization on each of the primaries, in the order of `masters`.
    func organizations(of masters: [RedisNode]) async throws -> [TestOrganization] {
        var found: [TestOrganization?] = masters.map { _ in nil }
        while found.contains(where: { $0 == nil }) {
            let organization = try await TestOrganization(at: url, credits: Deployment.credits)
            let master = try await master(of: slot(of: organization))
            guard let index = masters.firstIndex(where: { $0 === master }) else { continue }
            found[index] = organization
        }
        return found.compactMap { $0 }
    }

    func slot(of organization: TestOrganization) async throws -> Int {
        try await slot(of: "st:{\(organization.key.tag)}:org")
    }

    /// The primaries that have slots.
    var masters: [RedisNode] {
        get async throws {
            var masters: [RedisNode] = []
            for slot in [0, 8000, 16_383] { masters.append(try await master(of: slot)) }
            return masters
        }
    }
}
