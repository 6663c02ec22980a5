import FunctionBytes
package import FunctionCore

/// What the Connection fields of a message ask for (RFC 9110, section 7.6.1).
struct ConnectionOptions {
    private var close = false
    private var keepAlive = false

    mutating func add(_ value: Headers.Value) {
        for option in value.listElements {
            switch option.lowercased() {
            case "close": close = true
            case "keep-alive": keepAlive = true
            default: break
            }
        }
    }

    /// Whether the connection persists after the exchange (RFC 9112, section 9.3).
    func keepsAlive(_ version: HTTPVersion) -> Bool {
        !close && (version == .http11 || keepAlive)
    }
}

extension Headers.Value {
    /// The elements of a comma-separated list, empty ones left out (RFC 9110, section 5.6.1).
    package var listElements: [Substring] {
        string.utf8.split(separator: UInt8(ascii: ",")).compactMap { element in
            let trimmed = element.withoutBlanksAround
            return trimmed.isEmpty ? nil : Substring(trimmed)
        }
    }
}
