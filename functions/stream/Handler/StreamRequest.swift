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
    /// The caller's trace, or one of this request's own.
    let trace: TraceContext
    /// What the caller's tracing tells beside its trace.
    let traceState: String?
    /// How long the platform lets the answer take; nil if it does not mind.
    private let timeLimit: Duration?
    private let age: Stopwatch

    /// `age` runs since the request came.
    init(
        _ request: Request,
        age: Stopwatch,
        trace: TraceContext,
        workflow: Substring,
        token: StreamToken,
        variables: Variables,
        format: StreamFormat
    ) {
        id = request.id
        timeLimit = request.timeLimit
        self.age = age
        self.workflow = workflow
        self.token = token
        self.variables = variables
        self.format = format
        self.trace = trace
        traceState = request.traceState
    }

    var origin: StreamEvent.Origin { StreamEvent.Origin(requestID: id, traceID: trace.traceID) }

    /// How long ago it came.
    var elapsed: Duration { age.elapsed }

    /// How much of `wanted` the platform leaves, short of what it takes to say that a stream ends.
    func time(of wanted: Duration) -> Duration {
        guard let timeLimit else { return wanted }
        return min(wanted, timeLimit - min(.seconds(2), timeLimit / 4) - age.elapsed)
    }
}
