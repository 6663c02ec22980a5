import Function
import FunctionBytes
public import HTTP
import TLS

/// Where workflows are: `http://host[:port][/base]`, or `https`. Each is called by its name behind the base.
public struct WorkflowURL: Hashable, Sendable, CustomStringConvertible {
    public let origin: Origin
    /// The path before a workflow's name, without a slash at its end; empty if there is none.
    public let base: String

    /// Reads a URL (RFC 3986, RFC 9110, sections 4.2.1 and 4.2.2).
    public init(_ text: String) throws(WorkflowURLError) {
        // Nor could it be read in linear time: to compare a letter with n accents takes time in n².
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
        base = try Self.base(rest[authority.endIndex...])
    }

    public var description: String { "\(origin.isSecure ? "https" : "http")://\(origin)\(base)" }

    private static func base(_ path: Substring) throws(WorkflowURLError) -> String {
        guard path.utf8.allSatisfy(ASCIISet.path.contains), PercentEncoding.isWhole(path.utf8) else {
            throw .malformedPath
        }
        var base = path
        while base.hasSuffix("/") { base.removeLast() }
        return String(base)
    }
}
