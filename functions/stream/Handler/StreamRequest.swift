import Function
import Tokens

/// A request that has passed every check which needs neither the store nor the workflow.
struct StreamRequest: Sendable {
    let id: String
    /// What the path says, which may be no workflow's name.
    let workflow: Substring
    let token: StreamToken
    let variables: Variables
    let format: StreamFormat
    /// The caller's trace, if it sent a valid one.
    let traceparent: String?
    /// How long the platform lets the answer take; nil if it does not mind.
    private let timeLimit: Duration?
    private let age: Stopwatch

    /// `age` runs since the request came.
    init(_ request: Request, age: Stopwatch, workflow: Substring, token: StreamToken, variables: Variables) {
        id = request.id
        timeLimit = request.timeLimit
        self.age = age
        self.workflow = workflow
        self.token = token
        self.variables = variables
        format = request.accepts(.eventStream) ? .events : .text
        let traces = request.headers.values(of: "traceparent")
        traceparent = traces.count == 1 && Self.isTraceparent(traces[0].string) ? traces[0].string : nil
    }

    /// How much of `wanted` the platform leaves, short of what it takes to say that a stream ends.
    func time(of wanted: Duration) -> Duration {
        guard let timeLimit else { return wanted }
        return min(wanted, timeLimit - min(.seconds(2), timeLimit / 4) - age.elapsed)
    }

    /// version "-" trace-id "-" parent-id "-" trace-flags, in lower-case hexadecimal; ids must not be all zeros (W3C
    /// Trace Context, section 3.2). Of later versions nothing is known here: they are not passed on.
    private static func isTraceparent(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [2, 32, 16, 2], parts[0].elementsEqual("00".utf8) else { return false }
        let isHexadecimal = parts.allSatisfy { part in
            part.allSatisfy {
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
            }
        }
        return isHexadecimal && parts[1...2].allSatisfy { part in part.contains { $0 != UInt8(ascii: "0") } }
    }
}
