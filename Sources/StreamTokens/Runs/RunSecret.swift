import FunctionBytes

/// What the client of a resumable stream gets with each event, and nobody else knows: 128 random bits.
///
/// A store has only its digest, which is the stream's ``Attempt``.
package struct RunSecret: Hashable, Sendable {
    /// base64url, ``Base64URL/characterCount`` characters.
    package let text: String

    package static func random(_ bits: RandomBits) -> RunSecret {
        RunSecret(text: Base64URL.text(bits(), bits()))
    }

    /// A secret from its text; nil if it does not have that form.
    package init?(_ text: some Collection<UInt8>) {
        guard text.count == Base64URL.characterCount, text.allSatisfy(Self.isDigit) else { return nil }
        self.init(text: String(decoding: text, as: UTF8.self))
    }

    private init(text: String) {
        self.text = text
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte.isLetterOrDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
}
