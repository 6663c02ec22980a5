import Foundation
import FunctionBytes
import Glibc
import StreamTokens
import StreamTokensRedis
import Support
import Testing

extension BlackBox {
    @Suite("the recipe for the audit") struct AuditRecipeTests {
        private static let isThereJQ = ["/usr/bin/jq", "/usr/local/bin/jq"]
            .contains { FileManager.default.isExecutableFile(atPath: $0) }

        @Test("it counts a day's mints by organization, key and name", .enabled(if: isThereJQ))
        func mints() async throws {
            let redis = try RedisServer()
            let service = try await Service(redis)
            let other = try await Service.makeKey(redis)
            for key in [service.key, service.key, other] {
                _ = try await Client(port: service.port).ask(key: key, fields: "connection: close\r\n")
            }
            try await expect(service.end(), is: 0)
            let mine = try #require(APIKey(service.key))
            let records = try await redis.withClient { client in
                let store = RedisTokenStore(client: client)
                _ = try await store.updateKey(.key(mine), KeyChange(name: "shop"))
                return try await store.keys(of: nil)
            }

            let folder = try TemporaryFolder()
            // A line that is not the function's, such as one of a shell.
            try folder.write("token.log", "not JSON\n" + service.process.output)
            let day = try #require(service.process.audit.first?["time"]).prefix(10)
            let said = try run(day: String(day), in: folder, redis)
            let expected = records.map { record in
                "\(record.organization)\t\(record.id)\t\(record.name ?? "")\t\(record.name == nil ? 1 : 2)"
            }
            #expect(said.split(separator: "\n").map(String.init) == expected.sorted { $0.last ?? "0" > $1.last ?? "0" })
            try expect(run(day: "1999-12-31", in: folder, redis), is: "")
        }

        /// Runs the document's lines with the test's day and paths.
        private func run(day: String, in folder: TemporaryFolder, _ redis: RedisServer) throws -> String {
            let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..").path
            let document = try String(contentsOfFile: "\(root)/functions/deploy/audit/README.md", encoding: .utf8)
            let recipe = try #require(document.firstMatch(of: /```sh\n([^`]+)```/)?.1)
            let text = recipe.replacing("local-runtime keys", with: "\"$P\" keys")
                .replacing("$(date -ud yesterday +%F)", with: day)
                .replacing("functions/deploy", with: "\(root)/functions/deploy")
            let (code, said) = try Spawn.run(
                ["bash", "-c", "set -euo pipefail; cd \(folder.path); \(text)"],
                environment: [
                    "REDIS_URL=\(redis.url)", "P=\(FunctionProcess.path(of: .localRuntime))",
                    "PATH=/usr/local/bin:/usr/bin:/bin",
                ]
            )
            #expect(code == 0, "\(said)")
            return said
        }
    }
}
