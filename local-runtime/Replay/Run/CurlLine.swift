import FunctionCore
import LocalRuntimeConsole

/// A request as a command line for people to try it by, with `$API_KEY` in place of a key.
enum CurlLine {
    /// The most bytes of a body that are shown.
    private static let maxBody = 2000

    static func text(_ request: Request, at origin: String) -> String {
        let target = request.path + (request.query.map { "?" + $0 } ?? "")
        var words = ["curl", "-i"]
        if request.method == .head {
            words.append("--head")
        } else if request.method != .get {
            words += ["-X", ShellText.quoted(request.method.name)]
        }
        words.append(ShellText.quoted(origin + target))
        for field in request.headers.fields {
            let value = field.value.string
            words.append("-H")
            words.append(
                value.hasPrefix("Bearer sk_")
                    ? "\"\(field.name.string): Bearer $API_KEY\"" : ShellText.quoted("\(field.name.string): \(value)")
            )
        }
        if case .bytes(let bytes) = request.body.storage, !bytes.isEmpty {
            let text = String(validating: bytes.prefix(maxBody), as: UTF8.self)
            words.append("--data-binary")
            words.append(
                bytes.count > maxBody || text == nil
                    ? "@BODY  # of \(bytes.count) bytes" : ShellText.quoted(text ?? "")
            )
        }
        return Secrets.masked(words.joined(separator: " "))
    }
}
