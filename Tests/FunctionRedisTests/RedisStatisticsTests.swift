import FunctionEventLoop
import FunctionMetrics
import FunctionRedis
import Support
import Testing

/// Against a real server that comes and goes.
@Suite struct RedisStatisticsTests {
    @Test("operations are counted by outcome, and connections as made and lost")
    func counts() async throws {
        let server = try RedisServer()
        try await withLoop { loop in
            let statistics = RedisStatistics()
            let client = RedisClient(server.url, on: loop, timeout: .seconds(1), statistics: statistics)
            let text = Lock("")
            // Statistics must be used on the loop.
            @Sendable func perform(_ words: StaticString...) async {
                await loop.start {
                    for word in words { _ = try? await client.perform(RedisCommand(word)) }
                    var reading = MetricsReading()
                    statistics.add(to: &reading)
                    text.withLock { $0 = reading.text }
                }.value
            }
            await perform("PING", "PING", "NONSENSE")
            let well = text.withLock { $0 }
            #expect(well.contains("\nstream_token_redis_operation_duration_seconds_count 3\n"))
            #expect(well.contains("\nstream_token_redis_errors_total{kind=\"refused\"} 1\n"))
            #expect(well.contains("\nstream_token_redis_errors_total{kind=\"timed_out\"} 0\n"))
            #expect(well.contains("\nstream_token_redis_operations_waiting 0\n"))
            #expect(well.contains("\nstream_token_redis_connections_total 1\n"))
            #expect(well.contains("\nstream_token_redis_connections_lost_total 0\n"))
            server.kill()
            await perform("PING")
            let away = text.withLock { $0 }
            #expect(away.contains("\nstream_token_redis_operation_duration_seconds_count 4\n"))
            #expect(!away.contains("\nstream_token_redis_connections_lost_total 0\n"))
            try server.restart()
            let isBack = await waitUntil {
                await perform("PING")
                // A connection made while the server starts may be lost again.
                return text.withLock { !$0.contains("\nstream_token_redis_connections_total 1\n") }
            }
            #expect(isBack)
            await client.close()
        }
    }
}
