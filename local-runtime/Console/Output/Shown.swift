import FunctionBytes
package import FunctionCore

/// Parts of HTTP messages as a person sees them: without secrets and without control characters.
package enum Shown {
    /// The maximum length of a body, in characters.
    private static let maxCharacters = 4096

    /// A text on one line.
    package static func line(_ text: String) -> String {
        escaped(Secrets.masked(text)) { $0 == "\t" }
    }

    /// A path as it was received; a secret in it is redacted.
    package static func path(_ path: String) -> String {
        line(Secrets.masked(encoded: path[...]))
    }

    /// A field's value. Credentials are redacted except for the scheme and the names of cookies.
    package static func value(of field: Headers.Field) -> String {
        let value = field.value.string
        switch field.name {
        case .authorization, "proxy-authorization":
            let credentials = value.split(separator: ",", omittingEmptySubsequences: false)
            return credentials.map { credential(String($0)) }.joined(separator: ",")
        case "cookie": return value.split(separator: ";").map(cookie).joined(separator: ";")
        case .setCookie:
            let end = value.firstIndex(of: ";") ?? value.endIndex
            return cookie(value[..<end]) + line(String(value[end...]))
        default: return line(value)
        }
    }

    private static func credential(_ text: String) -> String {
        let masked = Secrets.masked(text)
        guard masked == text else { return line(masked) }
        let blanks = text.prefix { $0 == " " }
        let scheme = text.dropFirst(blanks.count).prefix { $0 != " " }
        let isSchemeAlone = blanks.count + scheme.count == text.count
        return isSchemeAlone ? "…" : line(blanks + scheme + " …")
    }

    private static func cookie(_ pair: Substring) -> String {
        guard let equals = pair.firstIndex(of: "=") else { return "…" }
        return line(String(pair[...equals])) + "…"
    }

    /// A body: JSON with one member per line, other text as it is, and for other bytes their number.
    package static func body(_ bytes: [UInt8]) -> String {
        guard !bytes.isEmpty else { return "no body" }
        guard let text = String(validating: bytes, as: UTF8.self), !text.unicodeScalars.contains("\0") else {
            return bytes.count == 1 ? "1 byte, not text" : "\(bytes.count) bytes, not text"
        }
        let whole =
            if let json = try? JSONReader.read(bytes) { Self.json(json) } else {
                escaped(Secrets.masked(text)) { $0 == "\t" || $0 == "\n" }
            }
        guard whole.count > maxCharacters else { return whole }
        return "\(whole.prefix(maxCharacters))…\n(\(bytes.count) bytes in all)"
    }

    /// JSON with one member per line.
    package static func json(_ json: JSON) -> String {
        escaped(Secrets.masked(json.indented())) { $0 == "\n" }
    }

    /// Escapes control characters as Swift does, except those that are allowed.
    private static func escaped(_ text: String, except isAllowed: (Unicode.Scalar) -> Bool) -> String {
        guard text.unicodeScalars.contains(where: { isControl($0) && !isAllowed($0) }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isControl(scalar) && !isAllowed(scalar) {
                result += scalar.escaped(asASCII: true)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }
}

extension JSON {
    /// One member or element per line, indented by two spaces per level.
    package func indented(by indent: String = "") -> String {
        let inner = indent + "  "
        switch self {
        case .array(let elements) where !elements.isEmpty:
            let lines = elements.map { inner + $0.indented(by: inner) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(indent)]"
        case .object(let members) where !members.isEmpty:
            let lines = members.map { "\(inner)\(JSON.string($0.name)): \($0.value.indented(by: inner))" }
            return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
        case .null, .bool, .number, .string, .array, .object:
            return description
        }
    }
}
