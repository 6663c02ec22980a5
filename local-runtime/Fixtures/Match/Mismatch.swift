package import FunctionCore
import LocalRuntimeConsole

/// Where a response is not what its expectation says.
package struct Mismatch: Equatable, Sendable {
    /// The place in the expectation.
    package let pointer: JSONPointer
    package let expected: String
    package let actual: String

    /// The most characters of a value that are shown.
    private static let shownCount = 400

    package init(at pointer: JSONPointer, expected: String, actual: String) {
        self.pointer = pointer
        self.expected = expected
        // Masked first: a secret that is cut is none that the mask would know.
        let masked = Secrets.masked(actual)
        self.actual = masked.count > Self.shownCount ? masked.prefix(Self.shownCount) + "…" : masked
    }

    package init(at pointer: JSONPointer, expected: String, actual: JSON?) {
        self.init(at: pointer, expected: expected, actual: actual?.description ?? "absent")
    }
}
