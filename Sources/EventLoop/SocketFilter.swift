/// What a socket's bytes go through on their way from and to the kernel: encryption.
///
/// It reads and writes by the socket's ``Socket/readUnfiltered(into:)`` and ``Socket/writeUnfiltered(_:)``. Lives on the
/// socket's loop, and as long as its socket is open.
package protocol SocketFilter: AnyObject {
    /// As ``Socket/read(into:)``; to say that it would block it must have heard so from the socket.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int?

    /// As ``Socket/write(_:)``; to say that it would block it must have heard so from the socket.
    func write(_ buffer: UnsafeRawBufferPointer) throws(SystemError) -> Int?

    /// Writes what it holds back since the kernel's buffer was full; answers whether nothing is left of that, or can be
    /// written any more.
    func flush() -> Bool

    /// Whether a read would block.
    var isQuiet: Bool { get }

    /// Tells the peer that nothing more is written.
    func endOutput()
}
