/// `host[:port]` of a URL (RFC 3986, section 3.2). The host is a name, an IPv4 address, or an IPv6 address in brackets.
package struct Authority: Sendable {
    /// Without brackets.
    package let host: String
    package let isBracketed: Bool
    /// At least 1.
    package let port: UInt16?

    /// Parses `text`. `names` are the characters allowed in a name.
    package init<Problem: AuthorityError>(
        _ text: Substring,
        names: ASCIISet = .hostName,
        or problem: Problem.Type
    ) throws(Problem) {
        let (colon, bytes) = (UInt8(ascii: ":"), text.utf8)
        isBracketed = bytes.first == UInt8(ascii: "[")
        let host: Substring.UTF8View
        let rest: Substring.UTF8View
        if isBracketed {
            guard let bracket = bytes.firstIndex(of: UInt8(ascii: "]")) else { throw .malformedHost }
            host = bytes[..<bracket].dropFirst()
            rest = bytes[bracket...].dropFirst()
            guard !host.isEmpty, host.allSatisfy(ASCIISet.address.contains), rest.isEmpty || rest.first == colon else {
                throw .malformedHost
            }
        } else {
            host = bytes.prefix { $0 != colon }
            rest = bytes[host.endIndex...]
            // A second colon means an IPv6 address without brackets.
            guard !rest.dropFirst().contains(colon) else { throw .malformedHost }
            guard !host.isEmpty else { throw .missingHost }
            guard host.allSatisfy(names.contains) else { throw .malformedHost }
        }
        self.host = String(Substring(host))
        let digits = rest.dropFirst()
        port = digits.allSatisfy(\.isDigit) ? UInt16(Substring(digits)).flatMap { $0 > 0 ? $0 : nil } : nil
        guard rest.isEmpty || port != nil else { throw .malformedPort }
    }
}

/// The errors that an ``Authority`` throws, as cases of its caller's error type.
package protocol AuthorityError: Error {
    static var missingHost: Self { get }
    static var malformedHost: Self { get }
    static var malformedPort: Self { get }
}
