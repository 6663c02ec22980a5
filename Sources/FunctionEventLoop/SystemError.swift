import Glibc

/// An error of a system call, or of a socket's filter in its place.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call's name.
    public let call: String
    /// errno(3).
    public let code: Int32
    /// Replaces the text of `code`; nil for the system's own text.
    public let reason: String?

    public init(_ call: String, _ code: Int32, reason: String? = nil) {
        self.call = call
        self.code = code
        self.reason = reason
    }

    /// For a call that has just failed on this thread: takes the code from `errno`.
    public init(_ call: String) {
        self.init(call, errno)
    }

    /// `connect: Connection refused`
    public var description: String {
        "\(call): \(cause)"
    }

    /// `Connection refused`
    public var cause: String {
        reason ?? strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
}
