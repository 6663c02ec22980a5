import FunctionBytes

/// The check at the end of keys and tokens, to explain mistakes in handwritten ones.
package enum CredentialCheck {
    /// The number of characters of the check.
    package static let characterCount = 6
    /// The number of characters of a key or a token behind its prefix, the check included.
    package static let formCount = 42

    /// The check that must follow `text`, which includes the prefix: its CRC-32 in base62.
    package static func following(_ text: String) -> String {
        var check: [UInt8] = []
        Base62.append(UInt64(CRC32.checksum(of: text.utf8.span)), count: characterCount, to: &check)
        return String(decoding: check, as: UTF8.self)
    }
}
