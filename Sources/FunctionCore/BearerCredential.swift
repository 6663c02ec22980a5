import FunctionBytes

/// The credential among those of a request that somebody looks for. Credentials are told by their form: what is not of
/// the form beside one that is, is somebody else's, a proxy's perhaps.
package enum BearerCredential {
    /// Nothing was given.
    case none
    /// Nothing that was given has the form.
    case malformed
    /// More than one has it: which is meant, nobody knows.
    case ambiguous
    case text(Substring)

    /// `takesRepeats`: the same one several times is one.
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
    /// What follows `Bearer` and spaces in the authorization fields (RFC 6750, section 2.1); the scheme's case does not
    /// matter (RFC 9110, section 11.1). Some platforms make one field of several, apart by commas.
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

    /// Where the token of the credential in the bytes from `start` to `end` begins; nil if it is of another scheme or empty.
    private static func bearerToken(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int? {
        var next = start
        while next < end, bytes[next].isBlank { next += 1 }
        let scheme: StaticString = "bearer"
        guard end - next > scheme.utf8CodeUnitCount else { return nil }
        for letter in UnsafeBufferPointer(start: scheme.utf8Start, count: scheme.utf8CodeUnitCount) {
            // The bit sets an ASCII letter apart from its capital.
            guard bytes[next] | 0x20 == letter else { return nil }
            next += 1
        }
        guard bytes[next] == UInt8(ascii: " ") else { return nil }
        while next < end, bytes[next] == UInt8(ascii: " ") { next += 1 }
        return next < end ? next : nil
    }
}
