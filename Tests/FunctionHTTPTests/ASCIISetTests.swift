import FunctionBytes
import FunctionCore
import Testing

@testable import FunctionHTTP

@Suite("Sets of characters")
struct ASCIISetTests {
    private static let alphanumerics = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

    @Test("each set contains exactly the characters of its rule")
    func sets() {
        let sets: [(ASCIISet, String)] = [
            (.token, Self.alphanumerics + "!#$%&'*+-.^_`|~"),
            (.path, Self.alphanumerics + "-._~%!$&'()*+,;=:@/"),
            (.query, Self.alphanumerics + "-._~%!$&'()*+,;=:@/?[]{}|\\^`"),
            (.registeredName, Self.alphanumerics + "-._~%!$&'()*+,;="),
            (.address, "0123456789abcdefABCDEF:."),
            (.digits, "0123456789"),
        ]
        for (set, characters) in sets {
            for byte in UInt8.min...UInt8.max {
                #expect(set.contains(byte) == characters.utf8.contains(byte), "\(characters): \(byte)")
            }
        }
    }
}
