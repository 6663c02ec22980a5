import EventLoop
import Function
import FunctionBytes
import HTTP
import Platforms

/// Where Lambda's Runtime API is, and its calls as requests.
struct LambdaAPI: Hashable, Sendable {
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
        guard let origin = Self.origin(authority), path.utf8.allSatisfy(ASCIISet.path.contains) else { return nil }
        self.origin = origin
        base = String(path)
    }

    /// A call's request; nil where its invocation's id can stand in no path.
    func request(_ call: LambdaCall) -> ClientRequest? {
        let target = call.endpoint.target
        return ClientRequest(target.method, base + target.path, headers: call.headers, body: call.body)
    }

    private static func origin(_ authority: Substring) -> Origin? {
        var host = authority
        var port: UInt16?
        if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
            host = authority[..<colon]
            let digits = authority[authority.index(after: colon)...]
            guard digits.utf8.allSatisfy(\.isDigit), let number = UInt16(digits), number > 0 else {
                return nil
            }
            port = number
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard SocketAddress(ip: String(host), port: 0) != nil else { return nil }
        } else {
            guard host.utf8.allSatisfy(ASCIISet.unreserved.contains) else { return nil }
        }
        return host.isEmpty ? nil : Origin(host: String(host), port: port)
    }
}

extension LambdaAPI: CustomStringConvertible {
    /// `127.0.0.1:9001`
    var description: String { origin.description + base }
}
