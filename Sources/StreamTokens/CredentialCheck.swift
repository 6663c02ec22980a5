import FunctionBytes

/// The check at the end of keys and tokens, for whoever writes some by hand and has to be told why they are none.
package enum CredentialCheck {
    /// How many characters it has.
    package static let characterCount = 6
    /// How many characters a key or a token has behind its prefix, the check included.
    package static let formCount = 42

    /// The check that has to follow on `text`, the prefix and all: its CRC-32 in base62.
    package static func following(_ text: String) -> String {
        var check: [UInt8] = []
        Base62.append(UInt64(CRC32.checksum(of: text.utf8.span)), count: characterCount, to: &check)
        return String(decoding: check, as: UTF8.self)
    }
}
