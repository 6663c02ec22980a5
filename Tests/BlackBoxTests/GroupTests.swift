import FunctionEventLoop
import Support
import Testing

extension BlackBox {
    @Suite("mints in groups") struct GroupTests {
        @Test(
            "under load, Redis gets several mints for one key in a command, up to GROUP_MINTS; all are different and count",
            arguments: [nil, "4", "1"]
        )
        func groups(limit: String?) async throws {
            var settings = ["METRICS_PORT": "0", "LOOPS": "1"]
            settings["GROUP_MINTS"] = limit
            let service = try await Service(try RedisServer(), settings)
            let load = Load(32, on: service.port, key: service.key)
            try await load.minted(2000)
            let result = await load.finish()
            #expect(result.problems == [] && result.failed == 0)
            #expect(result.tokens.count == result.minted)
            #expect(Set(result.remaining) == Set(Service.limit - result.minted..<Service.limit))

            let scrape = try await Scrape(of: service.process)
            let commands = scrape["redis_group_size_count"] ?? -1
            let mints = scrape["redis_group_size_sum"] ?? -1
            if limit == "1" {
                #expect(commands == 0 && mints == 0)
            } else {
                #expect(mints >= Double(result.minted))
                #expect(commands > 0 && commands < mints)
            }
            if limit == "4" { #expect(scrape["redis_group_size_bucket{le=\"4\"}"] == commands) }
            try await expect(service.end(), is: 0)
        }
    }
}
