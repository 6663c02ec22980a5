import FunctionEventLoop

/// The loop on which all tests of this target wait and send requests.
let testLoop = makeLoop()
/// The loop of the proxies between functions and servers, so that tests do not delay them.
let proxyLoop = makeLoop()

private func makeLoop() -> EventLoop {
    // A test process without free descriptors cannot test anything.
    guard let loop = try? EventLoop() else { fatalError("no event loop") }
    loop.runOnNewThread()
    return loop
}

struct Unmet: Error, CustomStringConvertible {
    let description: String
}

/// Waits until `condition` holds. The limit is long, because a busy machine may be slow; it only ends what never comes.
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
