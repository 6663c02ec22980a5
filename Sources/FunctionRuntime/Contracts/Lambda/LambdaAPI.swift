import FunctionBytes
import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionPlatforms

/// Where Lambda's Runtime API is, and its calls as requests.
struct LambdaAPI: Hashable, Sendable, CustomStringConvertible {
    let origin: Origin
    /// What stands before every path; empty, or beginning with a slash.
    private let base: String

    /// AWS_LAMBDA_RUNTIME_API: `host:port`, where emulators may put a scheme before and a path behind it
    /// (`http://[::]:9000/.rt`). Nil if it is none of that.
    init?(_ text: String) {
        // Nor could it be read in linear time: to compare a letter with n accents takes time in n².
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        var rest = Substring(text)
        if rest.hasPrefix("http://") { rest = rest.dropFirst("http://".count) }
        let authority = rest.prefix { $0 != "/" }
        var path = rest.dropFirst(authority.count)
        while path.hasSuffix("/") { path.removeLast() }
        guard let place = try? Authority(authority, names: .unreserved, or: NoAddress.self),
            path.utf8.allSatisfy(ASCIISet.path.contains)
        else { return nil }
        if place.isBracketed, SocketAddress(ip: place.host, port: 0) == nil { return nil }
        origin = Origin(host: place.host, port: place.port)
        base = String(path)
    }

    /// A call's request; nil where its invocation's id can stand in no path.
    func request(_ call: LambdaCall) -> ClientRequest? {
        let target = call.endpoint.target
        return ClientRequest(target.method, base + target.path, headers: call.headers, body: call.body)
    }

    /// `127.0.0.1:9001`
    var description: String { origin.description + base }
}

private enum NoAddress: AuthorityError {
    case missingHost
    case malformedHost
    case malformedPort
}
