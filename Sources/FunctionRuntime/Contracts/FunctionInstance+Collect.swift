package import FunctionCore

extension FunctionInstance {
    /// The most bytes of an answer that are collected: what the platforms that do not stream hand on.
    static let maxCollected = 6 << 20

    /// `response` with its whole body at hand, for platforms that hand it on only then; or why there is none.
    package func collected(_ response: Response, to request: Request) async -> Response {
        do {
            var collected = response
            collected.body = .bytes(try await response.body.collect(upTo: Self.maxCollected))
            return collected
        } catch let error as Body.TooLarge {
            var refused = errorResponse(.responseTooLarge, request)
            refused.cause = "over \(error.limit) bytes, and this platform does not stream"
            refused.traceID = response.traceID
            return refused
        } catch {
            var refused = errorResponse(.responseIncomplete, request)
            refused.cause = "the body was broken off"
            refused.traceID = response.traceID
            return refused
        }
    }
}
