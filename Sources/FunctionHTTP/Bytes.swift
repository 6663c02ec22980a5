import FunctionBytes
import FunctionCore
import Glibc

extension UInt8 {
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let colon = UInt8(ascii: ":")
    static let slash = UInt8(ascii: "/")
    static let questionMark = UInt8(ascii: "?")
}

extension Span<UInt8> {
    func firstIndex(of byte: UInt8) -> Int? {
        withUnsafeBytes { bytes in
            // Both pointers, memchr's argument and its result, are within one buffer and used only here.
            guard let start = bytes.baseAddress, let found = unsafe memchr(start, CInt(byte), bytes.count) else {
                return nil
            }
            return UnsafeRawPointer(found) - start
        }
    }

    var isToken: Bool {
        for index in 0..<count where !ASCIISet.token.contains(self[index]) { return false }
        return !isEmpty
    }

    func isSubset(of set: ASCIISet) -> Bool {
        for index in 0..<count where !set.contains(self[index]) { return false }
        return true
    }

    func hasPrefix(ignoringCase text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { characters in
            for index in characters.indices where self[index].lowercased != characters[index] { return false }
            return true
        }
    }
}

extension String {
    /// The bytes must be ASCII.
    init(ascii bytes: Span<UInt8>) {
        self = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}
