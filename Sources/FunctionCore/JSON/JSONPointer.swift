/// The location of a value in a JSON text (RFC 6901). The empty pointer is the whole text.
public struct JSONPointer: Hashable, Sendable, CustomStringConvertible {
    package private(set) var tokens: [String] = []

    public static let root = JSONPointer()

    package func appending(_ name: String) -> JSONPointer {
        var pointer = self
        pointer.tokens.append(name)
        return pointer
    }

    package func appending(_ index: Int) -> JSONPointer {
        appending(String(index))
    }

    public var description: String {
        var bytes: [UInt8] = []
        for token in tokens {
            bytes.append(UInt8(ascii: "/"))
            for byte in token.utf8 {
                // RFC 6901, section 3.
                switch byte {
                case UInt8(ascii: "~"): bytes += "~0".utf8
                case UInt8(ascii: "/"): bytes += "~1".utf8
                default: bytes.append(byte)
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
