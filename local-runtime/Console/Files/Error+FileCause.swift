import FoundationEssentials
import Glibc

extension Error {
    /// What the system says of a file: `No such file or directory`. FoundationEssentials' errors have no such words.
    package var fileCause: String {
        let cause = (self as? CocoaError)?.userInfo["NSUnderlyingError"] ?? self
        return (cause as? POSIXError).map { String(cString: strerror($0.code.rawValue)) } ?? "\(self)"
    }
}
