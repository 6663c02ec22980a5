import FoundationEssentials
import Glibc

extension Error {
    /// The system's text for a file error: `No such file or directory`. FoundationEssentials' errors do not contain it.
    package var fileCause: String {
        let cause = (self as? CocoaError)?.userInfo["NSUnderlyingError"] ?? self
        return (cause as? POSIXError).map { String(cString: strerror($0.code.rawValue)) } ?? "\(self)"
    }
}
