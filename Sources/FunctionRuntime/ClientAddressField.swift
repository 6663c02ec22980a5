import FunctionBytes
import FunctionCore
import FunctionEventLoop

/// The field in which a proxy tells whom it speaks for: CLIENT_ADDRESS_HEADER.
///
/// Of a list, as X-Forwarded-For is one, the last entry is taken. Each proxy appends the address that it was called from, so
/// the last is what the nearest proxy has seen itself; all before it came with the request, and a client can write there
/// what it likes. Whoever reaches the function beside the proxy can write all of it: the field is no proof then.
struct ClientAddressField: Sendable {
    private let name: Headers.Name

    /// The longest that an entry may be: an IPv6 address with an IPv4 one in it, brackets and a port, and blanks.
    private static let longest = 64

    /// Nil where the setting is absent or wrong, which the settings are told.
    init?(_ settings: inout Settings) {
        let setting = "CLIENT_ADDRESS_HEADER"
        let summary = "field of the proxy's with the client's address, for the audit; a list's last entry"
        guard let text = settings.text(setting, default: "none", summary) else { return nil }
        guard let name = Headers.Name(Settings.withoutBlanksAround(text)) else {
            settings.reject(setting, "must be the name of a header field such as x-forwarded-for, not \"\(text)\"")
            return nil
        }
        self.name = name
    }

    /// The address, as the system writes it; nil where there is none, or something else than an address.
    func address(in headers: Headers) -> String? {
        guard let bytes = headers.values(of: name).last?.string.utf8 else { return nil }
        let start = bytes.lastIndex(of: UInt8(ascii: ",")).map { bytes.index(after: $0) } ?? bytes.startIndex
        let entry = bytes[start...].withoutBlanksAndLineEndsAround
        guard entry.count <= Self.longest, let ip = Self.withoutPort(Substring(entry)) else { return nil }
        return SocketAddress(ip: ip, port: 0)?.withoutPort
    }

    /// What stands before a port: Azure's gateways add one, in the form of `192.0.2.1:443` and `[2001:db8::1]:443`.
    private static func withoutPort(_ entry: Substring) -> String? {
        let colons = entry.utf8.count { $0 == UInt8(ascii: ":") }
        guard entry.utf8.first == UInt8(ascii: "[") || colons == 1 else { return String(entry) }
        return (try? Authority(entry, or: Malformed.self))?.host
    }

    private enum Malformed: AuthorityError {
        case missingHost
        case malformedHost
        case malformedPort
    }
}

extension SocketAddress {
    /// `127.0.0.1`, `::1`
    fileprivate var withoutPort: String? {
        guard let colon = description.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        return String(description[..<colon].drop { $0 == "[" }.prefix { $0 != "]" })
    }
}
