import Tokens

extension KeyRecord {
    /// Whether a word has the form of a key's id: ten characters of base64url, of which the first may be a dash.
    static func isID(_ word: String) -> Bool {
        word.utf8.count == 10
            && word.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
