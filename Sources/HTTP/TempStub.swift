// Stands in until RequestParser is here: delete this file with its arrival.
import Function

struct RequestLimits { var body: Int }
struct RequestHead: Sendable {
    var method: Method; var path: String; var query: String?; var headers: Headers; var isHTTP11: Bool;
    var keepAlive: Bool; var expectsContinue: Bool; var framing: RequestFraming
}
enum RequestFraming {
    case none
    case length(Int)
    case chunked
}
struct RequestError: Error { var status: Status; var code: String; var reason: String }
struct RequestParser {
    enum Event {
        case head(RequestHead)
        case body(Range<Int>)
        case end
    }
    init(limits: RequestLimits) {}
    var ended = false
    mutating func next(_ input: borrowing Span<UInt8>, consumed: inout Int) throws(RequestError) -> Event? {
        if ended { ended = false; return .end }
        if input.count < 4 { return nil }
        guard input[input.count - 1] == 10, input[input.count - 3] == 10 else { return nil }
        consumed = input.count; ended = true
        var h = Headers(); h.append(.host, Headers.Value(valid: "localhost"));
        h.append(.authorization, Headers.Value(valid: "Bearer sk_demo_0123456789abcdef0123456789"))
        return .head(
            RequestHead(
                method: .get,
                path: "/api/v1/token",
                query: "ttl=60",
                headers: h,
                isHTTP11: true,
                keepAlive: true,
                expectsContinue: false,
                framing: .none
            )
        )
    }
}
