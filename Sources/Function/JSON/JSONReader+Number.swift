import FunctionBytes

extension JSONReader {
    /// A number (section 6): `-`, an integer without leading zeros, a fraction, an exponent.
    mutating func number() throws(JSONError) -> Double {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        guard let number = Double(String(decoding: bytes[start..<position], as: UTF8.self)), number.isFinite else {
            throw error("a number beyond what a 64-bit floating point number holds", at: start)
        }
        return number
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = next, byte.isDigit { position += 1 }
        guard position > start else { throw error("a digit is due") }
    }
}
