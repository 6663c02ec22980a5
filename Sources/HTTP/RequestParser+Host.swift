import Function

extension RequestParser {
    /// Host = uri-host [ ":" port ] (RFC 9110, section 7.2), not empty (section 4.2.1).
    static func isHost(_ authority: String.UTF8View) -> Bool {
        guard let first = authority.first else { return false }
        let host: Substring.UTF8View
        if first == UInt8(ascii: "[") {
            guard let bracket = authority.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = authority[authority.index(after: authority.startIndex)..<bracket]
            guard !address.isEmpty, address.allSatisfy(ASCIISet.address.contains) else { return false }
            host = authority[...bracket]
        } else {
            host = authority.prefix { $0 != .colon }
            guard !host.isEmpty, host.allSatisfy(ASCIISet.registeredName.contains) else { return false }
        }
        let port = authority[host.endIndex...]
        guard let colon = port.first else { return true }
        return colon == .colon && port.count <= 6 && port.dropFirst().allSatisfy(\.isDigit)
    }
}

extension ASCIISet {
    /// What stands between the brackets of an IP-literal (RFC 3986, section 3.2.2), zones left out.
    fileprivate static let address = ASCIISet("0123456789abcdefABCDEF:.")
    /// reg-name: unreserved / pct-encoded / sub-delims.
    fileprivate static let registeredName = ASCIISet.path.subtracting("/:@")
}
