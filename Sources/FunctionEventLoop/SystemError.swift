import Glibc

/// A system call that failed, or the part that a socket's filter has in it.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call's name.
    public let call: String
    /// errno(3).
    public let code: Int32
    /// What a filter says beyond the code; nil for the kernel's own.
    public let reason: String?

    public init(_ call: String, _ code: Int32, reason: String? = nil) {
        self.call = call
        self.code = code
        self.reason = reason
    }

    /// The call that failed just now, on this thread.
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
