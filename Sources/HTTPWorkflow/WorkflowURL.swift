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
            text[..<colon].utf8.allSatisfy(Self.isSchemeByte)
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
        origin = try Self.origin(authority, isSecure)
        base = try Self.base(rest[authority.endIndex...])
    }

    public var description: String { "\(origin.isSecure ? "https" : "http")://\(origin)\(base)" }

    private static func origin(_ authority: Substring, _ isSecure: Bool) throws(WorkflowURLError) -> Origin {
        let host: Substring
        var port = authority
        if authority.hasPrefix("[") {
            guard let bracket = authority.firstIndex(of: "]") else { throw .malformedHost }
            host = authority[..<bracket].dropFirst()
            port = authority[bracket...].dropFirst()
            guard !host.isEmpty, host.utf8.allSatisfy(isIPv6Byte), port.isEmpty || port.hasPrefix(":") else {
                throw .malformedHost
            }
        } else {
            host = authority.prefix { $0 != ":" }
            port = authority[host.endIndex...]
            // An IPv6 address without its brackets.
            guard !port.dropFirst().contains(":") else { throw .malformedHost }
            guard !host.isEmpty else { throw .missingHost }
            guard host.utf8.allSatisfy(isHostByte) else { throw .malformedHost }
        }
        guard !port.isEmpty else { return Origin(host: String(host), isSecure: isSecure) }
        guard port.utf8.dropFirst().allSatisfy(\.isDigit), let number = UInt16(port.dropFirst()), number > 0 else {
            throw .malformedPort
        }
        return Origin(host: String(host), port: number, isSecure: isSecure)
    }

    private static func base(_ path: Substring) throws(WorkflowURLError) -> String {
        guard path.utf8.allSatisfy(ASCIISet.path.contains) else { throw .malformedPath }
        for part in path.split(separator: "%", omittingEmptySubsequences: false).dropFirst() {
            let digits = part.utf8.prefix(2)
            guard digits.count == 2, digits.allSatisfy(\.isHexadecimalDigit) else {
                throw .malformedPath
            }
        }
        var base = path
        while base.hasSuffix("/") { base.removeLast() }
        return String(base)
    }

    private static func isSchemeByte(_ byte: UInt8) -> Bool {
        byte.isLetterOrDigit || "+-.".utf8.contains(byte)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        byte.isLetterOrDigit || "-._".utf8.contains(byte)
    }

    private static func isIPv6Byte(_ byte: UInt8) -> Bool {
        byte.isHexadecimalDigit || ":.".utf8.contains(byte)
    }
}
