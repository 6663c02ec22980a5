extension [UInt8] {
    /// Appends `number` in decimal digits.
    package mutating func append(decimal number: Int) {
        // Nearly all are lengths and statuses of a few digits.
        if 0..<100 ~= number {
            if number >= 10 { append(UInt8(ascii: "0") + UInt8(number / 10)) }
            return append(UInt8(ascii: "0") + UInt8(number % 10))
        }
        if number < 0 { append(UInt8(ascii: "-")) }
        let start = count
        var rest = number.magnitude
        repeat {
            append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        self[start...].reverse()
    }
}
