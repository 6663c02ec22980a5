import FunctionBytes
import FunctionCore
import FunctionEventLoop

/// The header field in which a proxy sends the client's address: CLIENT_ADDRESS_HEADER.
///
/// If the field is a list, such as X-Forwarded-For, the last entry counts. Each proxy appends the address that called
/// it, so the nearest proxy saw the last entry itself; all entries before it came with the request, and a client can
/// forge them. A client that can bypass the proxy can forge the whole field.
struct ClientAddressField: Sendable {
    private let name: Headers.Name

    /// In bytes: enough for an IPv6 address with an IPv4 part, brackets, a port, and blanks.
    private static let maxLength = 64

    /// Nil if the setting is absent, or wrong, which is reported to `settings`.
    init?(_ settings: inout Settings) {
        let setting = "CLIENT_ADDRESS_HEADER"
        let summary = "field in which the proxy sends the client's address, for the audit; of a list, the last entry"
        guard let text = settings.text(setting, default: "none", summary) else { return nil }
        guard let name = Headers.Name(Settings.withoutBlanksAround(text)) else {
            settings.reject(setting, "must be the name of a header field such as x-forwarded-for, not \"\(text)\"")
            return nil
        }
        self.name = name
    }

    /// The address in the system's notation; nil if the field is absent or holds no address.
    func address(in headers: Headers) -> String? {
        guard let bytes = headers.values(of: name).last?.string.utf8 else { return nil }
        let start = bytes.lastIndex(of: UInt8(ascii: ",")).map { bytes.index(after: $0) } ?? bytes.startIndex
        let entry = bytes[start...].withoutBlanksAndLineEndsAround
        guard entry.count <= Self.maxLength, let ip = Self.withoutPort(Substring(entry)) else { return nil }
        return SocketAddress(ip: ip, port: 0)?.withoutPort
    }

    /// The entry without its port: Azure's gateways write `192.0.2.1:443` and `[2001:db8::1]:443`.
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
