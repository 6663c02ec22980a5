import Glibc

extension Socket {
    /// Whether the connection stands and nothing has come: asks the kernel, which may know more than it has announced.
    public var isQuiet: Bool {
        assert(loop.isCurrent)
        guard !isClosed, !isAtEnd else { return false }
        if let filter {
            // What has come may be the filter's own, such as the session tickets of TLS.
            assumeInput()
            return filter.isQuiet
        }
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
        return count < 0 && errno == EAGAIN
    }
}
