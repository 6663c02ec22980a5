import FunctionBytes
import FunctionCore

/// The function that a call names: its name, perhaps after part or all of an ARN, and before a version or an alias
/// (docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, FunctionName and Qualifier).
struct FunctionReference: Hashable, Sendable {
    let name: String
    /// A version or an alias; nil for the latest version.
    let qualifier: String?

    /// The only version that the emulator has.
    static let latest = "$LATEST"
    private static let maxLength = 256

    /// `encoded` is the path segment, percent-encoded or not; `query` is the query of the call.
    init(_ encoded: String, query: String?) throws(InvokeError) {
        let bytes = PercentEncoding.decode(encoded.utf8)
        let text = String(decoding: bytes, as: UTF8.self)
        guard let parts = Self.parts(of: bytes) else {
            throw .invalid(text, name: "functionName", pattern: "Member must be a function's name or ARN")
        }
        var qualifier = parts.qualifier
        if let other = Parameters(query ?? "")["Qualifier"] {
            guard Self.isQualifier(other.utf8) else {
                throw .invalid(other, name: "qualifier", pattern: "Member must be a version or an alias")
            }
            guard qualifier?.hasSameBytes(as: other) ?? true else { throw .qualifiersDiffer }
            qualifier = other
        }
        name = parts.name
        self.qualifier = qualifier
    }

    /// `[[arn:partition:lambda:region:]account:[function:]]name[:qualifier]`
    private static func parts(of bytes: [UInt8]) -> (name: String, qualifier: String?)? {
        guard bytes.count <= maxLength else { return nil }
        var parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)[...]
        if parts.count > 6, parts[0].elementsEqual("arn".utf8) {
            guard isWord(parts[1]), parts[2].elementsEqual("lambda".utf8), isWord(parts[3]), isAccount(parts[4]) else {
                return nil
            }
            parts.removeFirst(4)
        }
        if let first = parts.first, parts.count > 1, isAccount(first) {
            parts.removeFirst()
            // The function itself may have the name `function`.
            if let first = parts.first, parts.count > 1, first.elementsEqual("function".utf8) { parts.removeFirst() }
        }
        guard (1...2).contains(parts.count), let name = parts.first, isName(name) else { return nil }
        guard parts.count == 2, let qualifier = parts.last else { return (text(name), nil) }
        return isQualifier(qualifier) ? (text(name), text(qualifier)) : nil
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    private static func isAccount(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.count == 12 && bytes.allSatisfy(\.isDigit)
    }

    /// `aws-us-gov`, `eu-central-1`
    private static func isWord(_ bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") }
    }

    private static func isName(_ bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy { $0.isLetterOrDigit || "-_.".utf8.contains($0) }
    }

    private static func isQualifier(_ bytes: some Collection<UInt8>) -> Bool {
        (1...128).contains(bytes.count) && bytes.allSatisfy { $0.isLetterOrDigit || "-_$.".utf8.contains($0) }
    }

    /// Whether this is the function of these settings in its only version. Accounts and regions are ignored.
    func names(_ settings: LambdaSettings) -> Bool {
        name.hasSameBytes(as: settings.name) && (qualifier?.hasSameBytes(as: Self.latest) ?? true)
    }

    /// The ARN of a function that was not found.
    func arn(_ settings: LambdaSettings) -> String {
        settings.arn(of: name) + (qualifier.map { ":\($0)" } ?? "")
    }
}
