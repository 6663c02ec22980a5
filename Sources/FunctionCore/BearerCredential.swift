import FunctionBytes

/// The one credential of a request that has the expected form. Credentials of other forms beside it are ignored: they
/// may belong to a proxy.
package enum BearerCredential {
    /// The request has no credential.
    case none
    /// No credential has the form.
    case malformed
    /// More than one has the form, and it is unclear which is meant.
    case ambiguous
    case text(Substring)

    /// `takesRepeats`: several copies of one credential count as one.
    package init(_ given: [Substring], takesRepeats: Bool = false, hasForm: (Substring) -> Bool) {
        var found: Substring?
        for text in given where hasForm(text) {
            if let found, !takesRepeats || !found.hasSameBytes(as: text) {
                self = .ambiguous
                return
            }
            found = text
        }
        self = found.map { .text($0) } ?? (given.isEmpty ? .none : .malformed)
    }
}

extension Headers {
    /// The tokens after `Bearer` in the authorization fields (RFC 6750, section 2.1). The scheme's case does not matter
    /// (RFC 9110, section 11.1). A field may hold several, separated by commas: some platforms join fields.
    package var bearerTokens: [Substring] {
        var tokens: [Substring] = []
        for field in fields where field.name == .authorization {
            let text = field.value.string
            let bytes = text.utf8Span.span
            var start = 0
            while start < bytes.count {
                var end = start
                while end < bytes.count, bytes[end] != UInt8(ascii: ",") { end += 1 }
                if let token = Self.bearerToken(bytes, from: start, to: end) {
                    tokens.append(Substring(text.utf8.prefix(end).dropFirst(token)))
                }
                start = end + 1
            }
        }
        return tokens
    }

    /// The index where the token starts in the credential from `start` to `end`; nil if the scheme is another one or the
    /// token is empty.
    private static func bearerToken(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int? {
        var next = start
        while next < end, bytes[next].isBlank { next += 1 }
        let scheme: StaticString = "bearer"
        guard end - next > scheme.utf8CodeUnitCount else { return nil }
        for letter in UnsafeBufferPointer(start: scheme.utf8Start, count: scheme.utf8CodeUnitCount) {
            // Setting bit 0x20 turns a capital into its small letter.
            guard bytes[next] | 0x20 == letter else { return nil }
            next += 1
        }
        guard bytes[next] == UInt8(ascii: " ") else { return nil }
        while next < end, bytes[next] == UInt8(ascii: " ") { next += 1 }
        return next < end ? next : nil
    }
}
