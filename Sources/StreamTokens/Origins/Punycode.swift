/// Punycode (RFC 3492): any text as letters, digits and hyphens.
enum Punycode {
    // The parameters of section 5.
    private static let base = 36
    private static let lowestThreshold = 1
    private static let highestThreshold = 26
    private static let skew = 38
    private static let damping = 700
    private static let initialBias = 72
    private static let initialScalar = 128

    /// Encodes `scalars` (section 6.3), and keeps the case of ASCII letters. Takes time in n²; labels are short.
    static func encode(_ scalars: some Collection<Unicode.Scalar>) -> String {
        let text = scalars.map { Int($0.value) }
        var output = text.filter { $0 < initialScalar }.map { UInt8($0) }
        let basicCount = output.count
        if basicCount > 0 { output.append(UInt8(ascii: "-")) }
        var scalar = initialScalar
        var bias = initialBias
        var delta = 0
        var handled = basicCount
        while handled < text.count {
            // Always found: some scalars are left, and each is at least `scalar`.
            guard let next = text.filter({ $0 >= scalar }).min() else { break }
            delta += (next - scalar) * (handled + 1)
            scalar = next
            for each in text {
                if each < scalar { delta += 1 }
                guard each == scalar else { continue }
                append(delta, bias, to: &output)
                bias = adapted(delta, handled + 1, isFirst: handled == basicCount)
                delta = 0
                handled += 1
            }
            delta += 1
            scalar += 1
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends a number in digits whose weights depend on the bias, least significant first (section 3.3).
    private static func append(_ number: Int, _ bias: Int, to output: inout [UInt8]) {
        var rest = number
        var position = base
        while true {
            let threshold = min(max(position - bias, lowestThreshold), highestThreshold)
            guard rest >= threshold else { break }
            output.append(digit(threshold + (rest - threshold) % (base - threshold)))
            rest = (rest - threshold) / (base - threshold)
            position += base
        }
        output.append(digit(rest))
    }

    /// `a` to `z` for 0 to 25, `0` to `9` for 26 to 35.
    private static func digit(_ value: Int) -> UInt8 {
        value < 26 ? UInt8(ascii: "a") + UInt8(value) : UInt8(ascii: "0") + UInt8(value - 26)
    }

    /// Section 3.4.
    private static func adapted(_ delta: Int, _ count: Int, isFirst: Bool) -> Int {
        var delta = isFirst ? delta / damping : delta / 2
        delta += delta / count
        var position = 0
        while delta > (base - lowestThreshold) * highestThreshold / 2 {
            delta /= base - lowestThreshold
            position += base
        }
        return position + (base - lowestThreshold + 1) * delta / (delta + skew)
    }
}
