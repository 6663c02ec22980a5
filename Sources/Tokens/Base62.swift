/// Digits and letters: what keys, tokens and tags are written in.
enum Base62 {
    static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// How many characters one random word gives.
    private static let charactersAWord = 10
    /// 62 to the power of ``charactersAWord``.
    private static let span: UInt64 = 839_299_365_868_340_224

    static func contains(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    /// Appends `count` uniformly random characters.
    static func append(random count: Int, _ bits: RandomBits, to text: inout [UInt8]) {
        var rest = count
        while rest > 0 {
            let word = bits()
            // Above the last whole multiple some characters would come more often than others.
            guard word < .max / span * span else { continue }
            let characters = min(rest, charactersAWord)
            append(word % span, count: characters, to: &text)
            rest -= characters
        }
    }

    /// Appends the `count` lowest digits of `number`, the highest of them first.
    static func append(_ number: UInt64, count: Int, to text: inout [UInt8]) {
        text.append(contentsOf: repeatElement(0, count: count))
        var rest = number
        for index in (text.count - count..<text.count).reversed() {
            text[index] = digits[Int(rest % 62)]
            rest /= 62
        }
    }
}
