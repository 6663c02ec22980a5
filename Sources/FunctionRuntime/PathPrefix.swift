import FunctionBytes
import FunctionCore

/// What stands before the paths that a function knows, put there by a proxy or by a custom domain: whole segments.
struct PathPrefix: Hashable, Sendable {
    /// It begins with a slash, and ends with none.
    private let text: String

    /// PATH_PREFIX; nil where it is not set, is `/`, or is wrong, which the settings are told.
    init?(_ settings: inout Settings) {
        let name = "PATH_PREFIX"
        let summary = "path that a proxy puts before the function's, such as /streams"
        guard let written = settings.text(name, default: "none", summary) else { return nil }
        let segments = written.utf8.split(separator: UInt8(ascii: "/"))
        text = segments.reduce(into: "") { $0 += "/" + String(decoding: $1, as: UTF8.self) }
        let isLegal = text.utf8.allSatisfy(ASCIISet.path.contains)
        let hasDots = segments.contains { $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }
        guard isLegal, !hasDots, !written.contains("//") else {
            let hint = "no URL, no query, and what cannot stand in a path percent-encoded"
            settings.reject(name, "must be a path such as /streams, not \"\(written)\": \(hint)")
            return nil
        }
        guard !text.isEmpty else { return nil }
    }

    /// The path behind it; nil where it does not begin so.
    func taken(off path: String) -> String? {
        guard path.utf8.starts(with: text.utf8) else { return nil }
        let rest = path.utf8.dropFirst(text.utf8.count)
        guard let next = rest.first else { return "/" }
        return next == UInt8(ascii: "/") ? String(Substring(rest)) : nil
    }
}
