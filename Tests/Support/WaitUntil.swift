public import FunctionEventLoop

/// Waits until `condition` holds; false if that takes too long.
public func waitUntil(
    within limit: Interval = .seconds(120),
    _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let end = Instant.now + limit
    while try await !condition() {
        guard Instant.now < end else { return false }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return true
}
