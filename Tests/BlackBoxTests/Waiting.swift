import FunctionEventLoop

/// The loop that all tests of this target wait and ask on.
let testLoop = makeLoop()
/// The loop of what stands between functions and their servers, which is to hold up nobody.
let proxyLoop = makeLoop()

private func makeLoop() -> EventLoop {
    // A test process without a descriptor left can test nothing.
    guard let loop = try? EventLoop() else { fatalError("no event loop") }
    loop.runOnNewThread()
    return loop
}

struct Unmet: Error, CustomStringConvertible {
    let description: String
}

/// Waits until `condition` holds. The limit is for what never comes: a machine that does other things besides takes long.
func eventually(
    _ what: String,
    within limit: Interval = .seconds(60),
    _ condition: () async throws -> Bool
) async throws {
    let end = Instant.now + limit
    while try await !condition() {
        guard Instant.now < end else { throw Unmet(description: "not within \(limit.milliseconds) ms: \(what)") }
        await testLoop.start { await testLoop.sleep(until: .now + .milliseconds(5)) }.value
    }
}

extension Optional {
    func orThrow(_ problem: String) throws -> Wrapped {
        guard let self else { throw Unmet(description: problem) }
        return self
    }
}
