import FunctionBytes
import FunctionCore

/// The path segments that a proxy or a custom domain puts before a function's own path.
struct PathPrefix: Hashable, Sendable {
    /// Begins with a slash, and does not end with one.
    private let text: String

    /// Reads PATH_PREFIX. Nil if it is not set, is `/`, or is wrong, which is reported to `settings`.
    init?(_ settings: inout Settings) {
        let name = "PATH_PREFIX"
        let summary = "path that a proxy puts before the function's own, such as /streams"
        guard let written = settings.text(name, default: "none", summary) else { return nil }
        let segments = written.utf8.split(separator: UInt8(ascii: "/"))
        text = segments.reduce(into: "") { $0 += "/" + String(decoding: $1, as: UTF8.self) }
        let isLegal = text.utf8.allSatisfy(ASCIISet.path.contains)
        let hasDots = segments.contains { $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }
        guard isLegal, !hasDots, !written.contains("//") else {
            let hint = "not a URL, without a query, other characters percent-encoded"
            settings.reject(name, "must be a path such as /streams, not \"\(written)\": \(hint)")
            return nil
        }
        guard !text.isEmpty else { return nil }
    }

    /// `path` without the prefix; nil if it does not begin with it.
    func taken(off path: String) -> String? {
        guard path.utf8.starts(with: text.utf8) else { return nil }
        let rest = path.utf8.dropFirst(text.utf8.count)
        guard let next = rest.first else { return "/" }
        return next == UInt8(ascii: "/") ? String(Substring(rest)) : nil
    }
}
