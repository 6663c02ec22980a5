import LocalRuntimeConsole
import StreamTokens
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures

@Suite("Administration of several servers")
struct TopologyTests {
    enum Topology: CaseIterable {
        case cluster
        case sentinel

        var url: String {
            get async throws {
                switch self {
                case .cluster: "\(try await SharedServers.cluster.url)"
                case .sentinel: "\(try await SharedServers.sentinel.url)"
                }
            }
        }
    }

    @Test("keys, organizations and tokens are administered", arguments: Topology.allCases)
    func commands(_ topology: Topology) async throws {
        let environment = ["REDIS_URL": try await topology.url]
        /// Runs a command and returns its output.
        func run(_ words: String..., input: String? = nil) async throws -> String {
            let captured = CapturedConsole(environment: environment, input: input)
            try await expect(captured.run(words), is: .success, "\(words): \(captured.messages)")
            return captured.output
        }
        // Several organizations, so that they are on several nodes.
        for _ in 0..<5 {
            let name = "acme \(UInt64.random(in: 0 ... .max))"
            let secret = try await run("keys", "create", "--org", name, "--limit", "3", "--window", "7")
            let key = try #require(APIKey(String(secret.dropLast())))
            try await expect(run("keys", "list", "--org", name), is: "\(key.id)\t\(name)\tyes\t3\t7\t\n")
            _ = try await run("keys", "disable", key.id)
            #expect(try await run("keys", "show", key.id).contains("enabled\tno\n"))
            _ = try await run("keys", "enable", key.id)
            _ = try await run("orgs", "credits", name, "--set", "5")
            #expect(try await run("orgs", "show", name).contains("credits\t5\n"))
            #expect(try await run("orgs", "list").contains(name))
            let text = StreamToken.random(tag: key.tag) { .random(in: 0 ... .max) }.text
            #expect(try await run("tokens", "show", "-", input: text).hasPrefix("state\tunknown\n"))
            #expect(try await run("tokens", "revoke", "--token", "-", input: text).hasPrefix("state\tunknown\n"))
            _ = try await run("tokens", "revoke", "--org", name)
            _ = try await run("keys", "update", key.id, "--limit", "4", "--name", "shop")
            _ = try await run("keys", "disable", "-", input: secret)
            #expect(
                try await run("keys", "show", "-", input: secret).hasSuffix("no\nlimit\t4\nwindow\t7\nname\tshop\n")
            )
            _ = try await run("orgs", "set", name, "--max-streams", "2")
            _ = try await run("keys", "delete", key.id, "--yes")
            try await expect(run("keys", "list", "--org", name), is: "")
            _ = try await run("keys", "create", "--org", name)
            _ = try await run("orgs", "delete", name, "--yes")
            #expect(try await !run("orgs", "list").contains(name))
        }
    }
}
