import FunctionBytes
import FunctionCore
package import FunctionHTTP
import FunctionTLS

/// The base URL of the workflows, `http[s]://host[:port][/base]`. A workflow's URL is the base, a slash, and its name.
package struct WorkflowURL: Hashable, Sendable, CustomStringConvertible {
    package let origin: Origin
    /// The path, without a slash at its end; empty if there is none.
    package let base: String

    /// Reads a URL (RFC 3986, RFC 9110, sections 4.2.1 and 4.2.2).
    package init(_ text: String) throws(WorkflowURLError) {
        // Only ASCII gets further: comparing a letter that carries n accents takes time in n².
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { throw .notASCII }
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://"),
            text[..<colon].utf8.allSatisfy(ASCIISet.scheme.contains)
        else { throw .missingScheme }
        var isSecure = false
        switch text[..<colon].lowercased() {
        case "http": break
        case "https":
            guard TLSContext.isBuilt else { throw .encrypted }
            isSecure = true
        case "": throw .missingScheme
        case let scheme: throw .unknownScheme(scheme)
        }
        let rest = text[colon...].dropFirst("://".count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if authority.contains("@") { throw .userInformation }
        if rest.contains("#") { throw .fragment }
        if rest.contains("?") { throw .query }
        let place = try Authority(authority, or: WorkflowURLError.self)
        origin = Origin(host: place.host, port: place.port, isSecure: isSecure)
        var path = rest[authority.endIndex...]
        guard path.utf8.allSatisfy(ASCIISet.path.contains), PercentEncoding.isWhole(path.utf8) else {
            throw .malformedPath
        }
        while path.hasSuffix("/") { path.removeLast() }
        base = String(path)
    }

    package var description: String { "\(origin.isSecure ? "https" : "http")://\(origin)\(base)" }
}

/// Why a text is not a URL of workflows. The description says what to write instead, and repeats nothing secret.
package enum WorkflowURLError: AuthorityError, Hashable, Sendable, CustomStringConvertible {
    case notASCII
    case missingScheme
    case unknownScheme(String)
    /// `https://`, in a build without TLS.
    case encrypted
    case userInformation
    case missingHost
    case malformedHost
    case malformedPort
    case malformedPath
    case query
    case fragment

    package var description: String {
        switch self {
        case .notASCII:
            "it holds a character that is not ASCII; write the host as xn--…, and percent-encode the path"
        case .missingScheme: "it has no scheme; write http://host:port/base"
        case .unknownScheme(let scheme): "its scheme is \(scheme); write http://host:port/base"
        case .encrypted:
            "https:// asks for TLS, and this build has none; \(TLSError.howToBuild), or use http:// on a network that you trust"
        case .userInformation: "it holds a user or a password; put credentials into WORKFLOW_AUTHORIZATION"
        case .missingHost: "it names no host; write http://host:port/base"
        case .malformedHost: "its host is malformed; write a name, an IPv4 address, or an IPv6 address in brackets"
        case .malformedPort: "its port is not a number from 1 to 65535"
        case .malformedPath: "its path holds a character that must be percent-encoded, or a % without two digits"
        case .query: "it holds a ?; workflows are called by a path"
        case .fragment: "it holds a #; workflows are called by a path"
        }
    }
}
