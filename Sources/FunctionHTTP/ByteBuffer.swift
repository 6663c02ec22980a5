import FunctionCore

/// Bytes that are assembled piece by piece, in memory that is reused. A response's head has some forty pieces;
/// appending each to an array costs several times as much as the copying itself.
struct ByteBuffer: ~Copyable {
    // The first `count` of `capacity` bytes are initialized. Only this value has the pointer, and it frees it.
    private var start: UnsafeMutablePointer<UInt8>
    private(set) var count = 0
    private var capacity: Int

    /// The capacity kept between uses: a piece of 16 KiB, the unit in which streams are read, and its framing.
    private static let keptCapacity = 17 * 1024

    init() {
        capacity = Self.keptCapacity
        start = .allocate(capacity: capacity)
    }

    deinit {
        start.deallocate()
    }

    mutating func removeAll() {
        count = 0
        if capacity > Self.keptCapacity { reallocate(Self.keptCapacity) }
    }

    func withSpan<Result, Failure: Error>(_ body: (Span<UInt8>) throws(Failure) -> Result) throws(Failure) -> Result {
        try body(UnsafeBufferPointer(start: start, count: count).span)
    }

    mutating func append(_ byte: UInt8) {
        reserve(1)
        start[count] = byte
        count += 1
    }

    mutating func append(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { append($0) }
    }

    mutating func append(_ text: StaticString) {
        append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(decimal number: Int) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var first = digits.count
        var rest = number.magnitude
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        } while rest > 0
        if number < 0 { append(UInt8(ascii: "-")) }
        append(digits.span.extracting(first...))
    }

    /// Appends a non-negative number in hexadecimal digits.
    mutating func append(hexadecimal number: Int) {
        var shift = max(0, (Int.bitWidth - 1 - number.leadingZeroBitCount) / 4 * 4)
        while shift >= 0 {
            let digit = UInt8(number >> shift & 15)
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            shift -= 4
        }
    }

    /// Appends a field's name or value. A scalar over 127 stands for the octet of the same number (``Headers/Value``).
    mutating func append(field text: String) {
        let utf8 = text.utf8.span
        let begin = count
        append(utf8)
        var union: UInt8 = 0
        for index in begin..<count { union |= start[index] }
        guard union > 127 else { return }
        count = begin
        for scalar in text.unicodeScalars { append(UInt8(truncatingIfNeeded: scalar.value)) }
    }

    /// Appends a field line (RFC 9112, section 5) without its CRLF.
    mutating func append(_ field: Headers.Field) {
        append(field: field.name.string)
        append(": ")
        append(field: field.value.string)
    }

    private mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count)
        (start + count).update(from: source, count: bytes.count)
        count += bytes.count
    }

    private mutating func reserve(_ more: Int) {
        if count + more > capacity { reallocate(max(capacity * 2, count + more)) }
    }

    private mutating func reallocate(_ newCapacity: Int) {
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: newCapacity)
        moved.update(from: start, count: count)
        start.deallocate()
        start = moved
        capacity = newCapacity
    }
}
