import Function
import FunctionRuntime
import StreamFunction
import Tokens

/// What becomes of the stream function's events: counts, lines of the audit, and a line for a stream that ended early.
enum StreamReport {
    static func report(for context: LoopContext) -> StreamFunction.Report {
        let metrics = context.metrics.map(StreamMetrics.init)
        let log = context.log
        return { event in
            metrics?.count(event)
            write(event, to: log)
        }
    }

    private static func write(_ event: StreamEvent, to log: Log) {
        switch event.kind {
        case .opened(let stream, _):
            log.audit("redemption", requestID: event.requestID, traceID: event.traceID) {
                $0.member(stream.token)
                $0.member("key", stream.keyID)
            }
        case .refused(let refusal, let token, let cause):
            log.audit("refusal", requestID: event.requestID, traceID: event.traceID) {
                $0.member("code", refusal.rawValue)
                if let token { $0.member(token) }
                if let cause { $0.member("cause", cause) }
            }
        case .released(let token, let wasCommitting):
            log.audit("release", requestID: event.requestID, traceID: event.traceID) {
                $0.member(token)
                $0.member("was_committing", wasCommitting)
            }
        case .ended(let early?, let cause, _):
            if early == .revoked {
                log.audit("revocation", requestID: event.requestID, traceID: event.traceID) {
                    if let cause { $0.member("cause", cause) }
                }
            }
            // A client that goes away is nobody's fault.
            log.write(early == .interrupted ? .info : .warning, "stream ended early") {
                $0.member("request_id", event.requestID)
                $0.member("trace_id", event.traceID)
                $0.member("code", early.rawValue)
                if let cause { $0.member("cause", cause) }
            }
        case .ended(nil, _, _), .unsettled: break
        }
    }
}

extension JSONWriter {
    /// What may be told of a token.
    fileprivate mutating func member(_ token: StreamToken) {
        member("organization_tag", token.tag.text)
        member("token", token.id)
    }
}
