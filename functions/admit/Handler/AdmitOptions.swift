import FunctionBytes
package import FunctionCore
package import StreamTokensRedemption
import StreamTokensWorkflows

/// The options that operators can set for admissions.
package struct AdmitOptions: Sendable {
    /// The one field that names the original request's URI. All others are ignored, because a proxy passes on what the
    /// client puts into them.
    package var uriField: Headers.Name = "x-original-uri"
    /// The field that names its method.
    package var methodField: Headers.Name = "x-original-method"
    /// The field that names the host and port that it was sent to. Some proxies ask with a Host of their own.
    package var hostField: Headers.Name = .host
    /// Where the workflow's name stands in its path.
    package var workflowPath: WorkflowPath?
    /// The field that names the workflow, instead of the path.
    package var workflowField: Headers.Name?
    package var secret: ProxySecret?
    package var refusesAs = RefusalForm.status
    /// The status that lets a request through.
    package var status = Status.noContent
    package var allowedOrigins = AllowedOrigins.any

    package init() {}
}

/// The form of a refusal.
package enum RefusalForm: String, CaseIterable, Sendable {
    /// With the status that it has everywhere.
    case status
    /// 401 or 403 only, because nginx takes any other status for a failure; with the code in a header field.
    case nginx
}

/// A pattern of paths in which one segment is a workflow's name: `/ws/{workflow}`.
package struct WorkflowPath: Hashable, Sendable {
    package static let placeholder = "{workflow}"

    private let prefix: String
    private let suffix: String

    /// Nil if the text is not a path with one segment `{workflow}`, or has characters that proxies write in several
    /// ways: then a path could mean one workflow here and another behind the proxy.
    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.first?.isEmpty == true, parts.dropFirst().allSatisfy({ !$0.isEmpty }) else { return nil }
        guard let place = parts.firstIndex(where: { $0.elementsEqual(Self.placeholder.utf8) }) else { return nil }
        let literals = parts[..<place] + parts[(place + 1)...]
        guard
            literals.allSatisfy({
                $0.allSatisfy(Self.isPlain) && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8)
            })
        else { return nil }
        prefix = parts[..<place].map { String(Substring($0)) + "/" }.joined()
        suffix = parts[(place + 1)...].map { "/" + String(Substring($0)) }.joined()
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte.isLetterOrDigit || "-._~".utf8.contains(byte)
    }

    /// The workflow's name in a path; nil if the path has another form, or the name is none that a workflow can have.
    package func workflow(in path: Substring) -> Substring? {
        let bytes = path.utf8
        guard bytes.count > prefix.utf8.count + suffix.utf8.count, bytes.starts(with: prefix.utf8),
            bytes.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
        else { return nil }
        let name = Substring(bytes.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count))
        return WorkflowCall.isName(name) ? name : nil
    }
}

/// What the proxy shows to prove that a request is its own.
package struct ProxySecret: Sendable {
    /// The shortest that is accepted, in bytes.
    package static let minLength = 16

    private let text: [UInt8]

    /// Nil if it is too short to be a secret.
    package init?(_ text: String) {
        guard text.utf8.count >= Self.minLength else { return nil }
        self.text = Array(text.utf8)
    }

    /// Whether it is the secret. Takes the same time wherever the two differ.
    func isShown(by text: String) -> Bool {
        guard text.utf8.count == self.text.count else { return false }
        return zip(text.utf8, self.text).reduce(0) { $0 | $1.0 ^ $1.1 } == 0
    }
}
