import FunctionBytes
import FunctionCore
import LocalRuntimeConsole

/// A request as a command line for people to paste, which sends exactly that request: whatever stands in it, the shell and
/// curl take nothing of it for their own. In place of keys and tokens there are variables.
///
/// What curl adds by itself (user-agent, accept, content-type) is not taken off; framing (RFC 9112, section 6) is its own.
struct CurlLine {
    private var words = ["curl", "-i", "--globoff", "--path-as-is"]
    private var secrets = SecretVariables()
    /// What writes the body to curl's standard input, where no argument can hold it.
    private var source = ""

    /// The most bytes of a body that are written out.
    private static let maxBody = 2000
    /// The same of what is around a long run of one byte.
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
            // Each scalar of a value stands for an octet. `name;` is a field without a value, `name:` none at all.
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
        // curl would wait for the body that the answer tells the length of.
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
            // A file of that name has to be made first; without it the shell says so, and nothing is sent.
            words.append("<BODY-OF-\(body.count)-BYTES")
        }
    }

    /// The longest part of the bytes, of which there are some, that repeats one.
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

/// Shell variables in place of keys and tokens: `API_KEY` or `TOKEN` the first of each, `TOKEN_2` the next other one.
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

    /// A URL. A secret that stands percent-encoded in the target, where the functions find it too, is written plainly.
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
