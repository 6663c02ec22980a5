import EventLoop
import Function
import FunctionBytes

/// What Lambda tells of an event beside it.
struct LambdaInvocation: Hashable, Sendable {
    /// Names it in the calls that answer it. The rest may be missing: only the id may be relied on.
    let id: String
    /// When it has to be answered, in milliseconds since 1970; nil if that is unknown.
    let deadline: Int64?
    /// X-Ray's.
    let traceID: Headers.Value?

    /// From the fields of the answer to `next`; nil if there is no id that can stand in a path. `now` is in milliseconds
    /// since 1970.
    init?(_ headers: Headers, now: Int64) {
        guard let id = headers["lambda-runtime-aws-request-id"]?.string, !id.isEmpty,
            id.utf8.allSatisfy(ASCIISet.unreserved.contains)
        else { return nil }
        self.id = id
        traceID = headers["lambda-runtime-trace-id"].flatMap { $0.string.isEmpty ? nil : $0 }
        let deadline = headers["lambda-runtime-deadline-ms"].flatMap { Int64($0.string) }
        // Emulators tell others than Lambda does; and so it is where the machine's clock is far off.
        self.deadline = deadline.flatMap { (now - Self.minute...now + Self.day).contains($0) ? $0 : nil }
    }

    private static let minute: Int64 = 60_000
    private static let day: Int64 = 24 * 60 * minute

    /// How long is left at `now`, which is in milliseconds since 1970; nil if the deadline is unknown.
    func timeLeft(at now: Int64) -> Interval? {
        deadline.map { .milliseconds(Int(max(0, $0 - now))) }
    }
}
