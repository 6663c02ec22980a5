/// Why a text is no page's origin.
enum PageOriginError: Error, Hashable {
    case quoted
    case wildcard
    case null
    case blank
    case missingScheme
    case userInformation
    case path(instead: String)
    /// `ws://` or `wss://`: the scheme is the socket's, not the page's.
    case socket(instead: String)
    /// Pages of that scheme have no origin that could be told apart.
    case schemeWithoutOrigin
    case malformedHost
    case malformedPort

    static let example = "https://app.example"

    /// What is wrong with the entry of a list, and what to write.
    func description(of entry: String) -> String {
        switch self {
        // What may hold a password is not repeated.
        case .userInformation: "holds an entry with a user or a password; write \(Self.example)"
        default: "holds \(entry), \(reason(entry))"
        }
    }

    private func reason(_ entry: String) -> String {
        switch self {
        case .quoted: "which has quotes; write it without them, as \(Self.example)"
        case .wildcard: "which has a wildcard; write each origin, such as \(Self.example), or * alone for all"
        case .null: "which is what files and sandboxed frames of every page are called; write \(Self.example)"
        case .blank: "which has a blank or a line end in it; put commas between origins"
        case .missingScheme: "which has no scheme; write https://\(entry) or http://\(entry)"
        case .userInformation: "which has a user or a password"
        case .path(let instead): "which has more than an origin; write \(instead)"
        case .socket(let instead): "which is a socket's address; write the page's, with \(instead)://"
        case .schemeWithoutOrigin: "whose scheme gives pages no origin of their own; write \(Self.example)"
        case .malformedHost: "whose host is malformed; write a name, an IPv4 address, or an IPv6 address in brackets"
        case .malformedPort: "whose port is no number from 0 to 65535; write \(Self.example):8443"
        }
    }
}
