extension Substring.UTF8View {
    /// Without the blanks at its start and end (OWS of RFC 9110, section 5.6.3).
    package var withoutBlanksAround: Self {
        trimmed(of: \.isBlank)
    }

    /// Without the blanks and line ends at its start and end, which editors and `echo` leave.
    package var withoutBlanksAndLineEndsAround: Self {
        trimmed { $0.isBlank || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    }

    private func trimmed(of isTrimmed: (UInt8) -> Bool) -> Self {
        let rest = drop(while: isTrimmed)
        guard let last = rest.lastIndex(where: { !isTrimmed($0) }) else { return rest }
        return rest[...last]
    }
}
