import FunctionRuntime
import StreamTokensRedis
import StreamTokensStreamWiring
import StreamTokensTokenWiring
import StreamTokensWiring

/// Reads the input's lines as `NAME=value`, and as what is in a secret.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSettings(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // libFuzzer's input, which lives as long as this call.
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    var environment: [String: String] = [:]
    for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
        let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        // A file could be any of this machine's.
        guard parts.count == 2, !parts[0].hasSuffix("_FILE") else { continue }
        environment[String(parts[0])] = String(parts[1])
    }
    _ = told(environment)
    let secret = "hush4711"
    guard !text.utf8.contains(secret.utf8) else { return 0 }
    environment["WORKFLOW_AUTHORIZATION"] = secret + text
    environment["REDIS_URL"] = "redis://:\(secret)@\(text)"
    let said = told(environment)
    precondition(!said.contains { $0.utf8.contains(secret.utf8) }, "a secret is told")
    return 0
}

/// What is said of settings, be they legal or not.
private func told(_ environment: [String: String]) -> [String] {
    var settings = Settings(environment: environment)
    let options = RuntimeOptions(&settings)
    _ = TokenSettings(&settings)
    _ = StreamSettings(&settings)
    let redis = RedisSettings(&settings, for: .minting)
    if settings.problems.isEmpty {
        precondition(redis != nil, "a Redis that is missing is told")
        precondition((1...1024).contains(options.loops ?? 1) && options.port <= 65_535, "a number is in its range")
    }
    return settings.problems + settings.notes
}
