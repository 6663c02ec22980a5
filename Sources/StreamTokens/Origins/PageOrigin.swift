import FunctionBytes
import FunctionCore

/// A page's origin in the form in which browsers send it in the field Origin (RFC 6454, section 6.2).
package struct PageOrigin {
    /// scheme "://" host [":" port], in lower case, without the scheme's default port, IDNs in punycode.
    package let text: String

    /// Reads an origin as an operator may write it, also as a URL with the path `/`.
    package init(_ written: String) throws(PageOriginError) {
        // First, because an error must not repeat an entry that may hold a password.
        guard !written.utf8.contains(UInt8(ascii: "@")) else { throw .userInformation }
        guard !written.unicodeScalars.contains(where: Self.isQuote) else { throw .quoted }
        guard !written.utf8.contains(UInt8(ascii: "*")) else { throw .wildcard }
        guard !written.hasSameBytes(as: "null") else { throw .null }
        guard !written.unicodeScalars.contains(where: \.properties.isWhitespace) else { throw .blank }
        let parts = written.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].starts(with: "//".utf8), Self.isScheme(parts[0]) else { throw .missingScheme }
        let scheme = Self.lowercased(String(decoding: parts[0], as: UTF8.self))
        let rest = parts[1].dropFirst(2)
        let authority = rest.prefix { !"/?#\\".utf8.contains($0) }
        text = try Self.origin(scheme, String(decoding: authority, as: UTF8.self))
        let tail = rest[authority.endIndex...]
        guard tail.isEmpty || tail.elementsEqual("/".utf8) else { throw .path(instead: text) }
    }

    /// Whether a text is an origin as browsers write it, of the usual kind: http or https, a name in ASCII, perhaps a
    /// port. This is fast; of a text that it refuses it says nothing.
    static func isUsual(_ text: String) -> Bool {
        let bytes = text.utf8Span.span
        let isSecure = bytes.hasPrefix("https://")
        guard isSecure || bytes.hasPrefix("http://") else { return false }
        let host = isSecure ? 8 : 7
        var end = host
        var labelCount = 0
        while end < bytes.count, bytes[end] != UInt8(ascii: ":") {
            if bytes[end] == UInt8(ascii: ".") {
                guard labelCount > 0 else { return false }
                labelCount = 0
            } else {
                guard OriginHost.isLabelByte(bytes[end]), labelCount < 63 else { return false }
                labelCount += 1
            }
            end += 1
        }
        guard 1...253 ~= end - host, labelCount > 0 else { return false }
        if end == bytes.count { return true }
        let digits = bytes.extracting((end + 1)...)
        guard 1...5 ~= digits.count, digits[0] != UInt8(ascii: "0") else { return false }
        var port = 0
        for index in digits.indices {
            guard digits[index].isDigit else { return false }
            port = port * 10 + Int(digits[index] - UInt8(ascii: "0"))
        }
        return port <= 65_535 && port != (isSecure ? 443 : 80)
    }

    private static func origin(_ scheme: String, _ authority: String) throws(PageOriginError) -> String {
        switch scheme {
        case "http": return try webOrigin(scheme, authority, impliedPort: 80)
        case "https": return try webOrigin(scheme, authority, impliedPort: 443)
        case "ws": throw .socket(instead: "http")
        case "wss": throw .socket(instead: "https")
        case "file", "data", "blob", "about", "javascript", "ftp", "mailto": throw .schemeWithoutOrigin
        default:
            // An app's scheme, such as capacitor://localhost: only the app knows what its host means.
            let host = lowercased(authority)
            let isHost = host.utf8.allSatisfy { ASCIISet.unreserved.contains($0) || $0 == UInt8(ascii: ":") }
            guard !host.isEmpty, isHost else { throw .malformedHost }
            return "\(scheme)://\(host)"
        }
    }

    private static func webOrigin(
        _ scheme: String,
        _ authority: String,
        impliedPort: Int
    ) throws(PageOriginError) -> String {
        let colon = authority.utf8.lastIndex(of: UInt8(ascii: ":"))
        // A colon inside the brackets of an IPv6 address does not begin a port.
        let hasPort = colon.map { !authority[$0...].utf8.contains(UInt8(ascii: "]")) } ?? false
        let hostEnd = hasPort ? colon ?? authority.endIndex : authority.endIndex
        let host = try OriginHost.canonical(String(authority[..<hostEnd]))
        let digits = authority[hostEnd...].utf8.dropFirst()
        guard digits.allSatisfy(\.isDigit) else { throw .malformedPort }
        // A colon without a port means the implied one (RFC 3986, section 3.2.3).
        if digits.isEmpty { return "\(scheme)://\(host)" }
        guard let port = UInt16(String(decoding: digits, as: UTF8.self)) else { throw .malformedPort }
        return Int(port) == impliedPort ? "\(scheme)://\(host)" : "\(scheme)://\(host):\(port)"
    }

    /// Lowercases only ASCII letters.
    package static func lowercased(_ text: String) -> String {
        guard text.utf8.contains(where: \.isCapital) else { return text }
        return String(decoding: text.utf8.map(\.lowercased), as: UTF8.self)
    }

    /// scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) (RFC 3986, section 3.1)
    private static func isScheme(_ text: Substring.UTF8View) -> Bool {
        guard let first = text.first, first.isLetter else { return false }
        return text.allSatisfy(ASCIISet.scheme.contains)
    }

    /// ASCII quotes, and the typographic ones that word processors replace them by.
    private static func isQuote(_ scalar: Unicode.Scalar) -> Bool {
        "\"'`".unicodeScalars.contains(scalar) || ("\u{2018}"..."\u{201F}").contains(scalar)
    }
}

/// Why a text is not a page's origin.
package enum PageOriginError: Error, Hashable {
    case quoted
    case wildcard
    case null
    case blank
    case missingScheme
    case userInformation
    case path(instead: String)
    /// `ws://` or `wss://`: the scheme of the WebSocket, not of the page.
    case socket(instead: String)
    /// Pages of that scheme have no origin that tells them apart.
    case schemeWithoutOrigin
    case malformedHost
    case malformedPort

    package static let example = "https://app.example"

    /// What is wrong with an entry of the list, and what to write instead.
    package func description(of entry: String) -> String {
        // An entry that may hold a password is not repeated.
        self == .userInformation ? "holds an entry \(reason(entry))" : "holds \(entry), \(reason(entry))"
    }

    private func reason(_ entry: String) -> String {
        switch self {
        case .quoted: "which has quotes; write it without them, as \(Self.example)"
        case .wildcard: "which has a wildcard; write each origin, such as \(Self.example), or * alone for all"
        case .null: "which is the origin of every file and every sandboxed frame; write \(Self.example)"
        case .blank: "which has a blank or a line end in it; put commas between origins"
        case .missingScheme: "which has no scheme; write https://\(entry) or http://\(entry)"
        case .userInformation: "with a user or a password; write \(Self.example)"
        case .path(let instead): "which has more than an origin; write \(instead)"
        case .socket(let instead): "which is a WebSocket's address; write the page's, with \(instead)://"
        case .schemeWithoutOrigin: "whose scheme gives pages no origin of their own; write \(Self.example)"
        case .malformedHost: "whose host is malformed; write a name, an IPv4 address, or an IPv6 address in brackets"
        case .malformedPort: "whose port is not a number from 0 to 65535; write \(Self.example):8443"
        }
    }
}
