import FunctionBytes
import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionPlatforms

/// The address of Lambda's Runtime API, and its calls as requests.
struct LambdaAPI: Hashable, Sendable, CustomStringConvertible {
    let origin: Origin
    /// The prefix of every path; empty, or beginning with a slash.
    private let base: String

    /// Reads AWS_LAMBDA_RUNTIME_API: `host:port`; emulators may add a scheme and a path (`http://[::]:9000/.rt`). Nil
    /// if it has another form.
    init?(_ text: String) {
        // Only ASCII gets further: comparing a letter that carries n accents takes time in n².
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

    /// The request of a call; nil if the invocation's id cannot be part of a path.
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
