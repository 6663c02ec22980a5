import FunctionBytes
import FunctionCore
import LocalRuntimeConsole

/// A request as a command line to paste. It sends exactly that request, because everything in it is quoted for the shell
/// and for curl. Variables replace keys and tokens.
///
/// It keeps the fields that curl adds (user-agent, accept, content-type) and leaves the framing to curl (RFC 9112,
/// section 6).
struct CurlLine {
    private var words = ["curl", "-i", "--globoff", "--path-as-is"]
    private var secrets = SecretVariables()
    /// The command that writes the body to curl's standard input, if no argument can hold it.
    private var source = ""

    /// The most bytes of a body that are written out.
    private static let maxBody = 2000
    /// The same for the bytes around a long run of one byte.
    private static let maxAround = 200
    private static let framing: [Headers.Name] = ["content-length", "transfer-encoding"]

    static func text(_ request: Request, at origin: String) -> String {
        var line = CurlLine()
        line.append(request, at: origin)
        return line.source + line.words.joined(separator: " ")
    }

    private mutating func append(_ request: Request, at origin: String) {
        let body: [UInt8] = if case .bytes(let bytes) = request.body.storage { bytes } else { [] }
        append(request.method, hasBody: !body.isEmpty)
        let target = request.path + (request.query.map { "?" + $0 } ?? "")
        words.append(secrets.word(Array(origin.utf8), target: target))
        for field in request.headers.fields where !Self.framing.contains(field.name) {
            // Each scalar of a value is one octet. For curl, `name;` is a field with an empty value; `name:` would be none.
            let value = field.value.string.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
            let text = Array(field.name.string.utf8) + (value.isEmpty ? Array(";".utf8) : Array(": ".utf8) + value)
            words += ["-H", secrets.word(text)]
        }
        if !body.isEmpty { append(body) }
    }

    private mutating func append(_ method: Method, hasBody: Bool) {
        switch method {
        case .get where !hasBody: break
        case .head where !hasBody: words.append("--head")
        // curl would wait for a body of the response's Content-Length.
        case .head: words += ["-X", "'HEAD'", "--max-time", "5"]
        default: words += ["-X", secrets.word(Array(method.name.utf8))]
        }
    }

    private mutating func append(_ body: [UInt8]) {
        if body.count <= Self.maxBody, ShellText.visibleText(body) != nil {
            words += ["--data-raw", secrets.word(body)]
            return
        }
        words += ["--data-binary", "@-"]
        let run = Self.longestRun(in: body)
        if body.count <= Self.maxBody {
            source = secrets.printf(body[...]) + " | "
        } else if body.count - run.count <= Self.maxAround {
            let parts = [
                secrets.printf(body[..<run.startIndex]),
                "head -c \(run.count) /dev/zero | tr '\\000' '\(ShellText.octal(body[run.startIndex]))'",
                secrets.printf(body[run.endIndex...]),
            ]
            source = "{ \(parts.joined(separator: "; ")); } | "
        } else {
            // The user must create this file first. Without it the shell reports an error, and nothing is sent.
            words.append("<BODY-OF-\(body.count)-BYTES")
        }
    }

    /// The longest run of one byte. There must be bytes.
    private static func longestRun(in bytes: [UInt8]) -> ArraySlice<UInt8> {
        var longest = bytes[..<0]
        var start = 0
        for end in 1...bytes.count where end == bytes.count || bytes[end] != bytes[start] {
            if end - start > longest.count { longest = bytes[start..<end] }
            start = end
        }
        return longest
    }
}

/// Shell variables for keys and tokens: `API_KEY` and `TOKEN` for the first of each, `TOKEN_2` for the next different one.
private struct SecretVariables {
    private var names: [String: String] = [:]

    private mutating func name(of secret: ArraySlice<UInt8>) -> String {
        let text = String(decoding: secret, as: UTF8.self)
        if let known = names[text] { return known }
        let kind = text.hasPrefix("sk_") ? "API_KEY" : "TOKEN"
        let count = names.values.count { $0.hasPrefix(kind) }
        let name = count == 0 ? kind : "\(kind)_\(count + 1)"
        names[text] = name
        return name
    }

    mutating func word(_ bytes: [UInt8]) -> String {
        let pieces = Secrets.pieces(of: bytes).filter { !$0.bytes.isEmpty }
        let words = pieces.map { $0.isSecret ? "\"$\(name(of: $0.bytes))\"" : ShellText.word(Array($0.bytes)) }
        return words.isEmpty ? "''" : words.joined()
    }

    /// A URL. A percent-encoded secret in the target, which the functions accept too, is decoded and becomes a variable.
    mutating func word(_ origin: [UInt8], target: String) -> String {
        let parts = target.split(omittingEmptySubsequences: false) { "/?&=".contains($0) }
        var text = ""
        for part in parts {
            if part.startIndex > target.startIndex { text.append(target[target.index(before: part.startIndex)]) }
            let decoded = PercentEncoding.decode(part.utf8)
            let hidesSecret = Secrets.pieces(of: Array(part.utf8)).count == 1 && Secrets.pieces(of: decoded).count > 1
            text +=
                hidesSecret
                ? PercentEncoding.encode(String(decoding: decoded, as: UTF8.self), keeping: .unreserved) : String(part)
        }
        return word(origin + text.utf8)
    }

    /// The command that writes the bytes.
    mutating func printf(_ bytes: ArraySlice<UInt8>) -> String {
        var (format, arguments) = ("", "")
        for (piece, isSecret) in Secrets.pieces(of: Array(bytes)) {
            if isSecret { arguments += " \"$\(name(of: piece))\"" }
            format += isSecret ? "%s" : ShellText.format(piece)
        }
        return "printf '\(format)'\(arguments)"
    }
}
