import Function

extension RequestParser {
    /// Host = uri-host [ ":" port ] (RFC 9110, section 7.2), not empty (section 4.2.1).
    static func isHost(_ authority: Span<UInt8>) -> Bool {
        let hostEnd: Int
        if authority.count > 0, authority[0] == UInt8(ascii: "[") {
            guard let bracket = authority.firstIndex(of: UInt8(ascii: "]")), bracket > 1 else { return false }
            guard authority.extracting(1..<bracket).isSubset(of: .address) else { return false }
            hostEnd = bracket + 1
        } else {
            hostEnd = authority.firstIndex(of: .colon) ?? authority.count
            guard hostEnd > 0, authority.extracting(..<hostEnd).isSubset(of: .registeredName) else { return false }
        }
        let port = authority.extracting(hostEnd...)
        if port.isEmpty { return true }
        return port[0] == .colon && port.count <= 6 && port.extracting(1...).isSubset(of: .digits)
    }
}
