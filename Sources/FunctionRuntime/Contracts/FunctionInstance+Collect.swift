package import FunctionCore

extension FunctionInstance {
    /// The most bytes of an answer that are collected: what the platforms that do not stream hand on.
    static let maxCollected = 6 << 20

    /// `response` with its whole body at hand, for platforms that hand it on only then; or why there is none.
    package func collected(_ response: Response, to request: Request) async -> Response {
        var answer = response
        do {
            answer.body = .bytes(try await response.body.collect(upTo: Self.maxCollected))
        } catch let error as Body.TooLarge {
            answer = errorResponse(.responseTooLarge, request)
            answer.cause = "over \(error.limit) bytes, and this platform does not stream"
        } catch {
            answer = errorResponse(.responseIncomplete, request)
            answer.cause = "the body was broken off"
        }
        answer.traceID = response.traceID
        return answer
    }
}
