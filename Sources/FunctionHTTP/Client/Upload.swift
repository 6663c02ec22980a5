import FunctionEventLoop

/// The part of a request that the kernel did not take at once; written as fast as the server takes it. Ends with its
/// socket. Whether the server got it all is for the response to tell.
final class Upload: @unchecked Sendable {
    // Unchecked: it is touched on its loop's thread alone.
    private let socket: Socket
    private var pieces: [ArraySlice<UInt8>]
    /// Whether nothing comes behind what is here.
    var isWhole = false
    /// Whether all was handed to the kernel.
    var isComplete: Bool { isWhole && isWritten }
    var isWritten: Bool { pieces.isEmpty }

    init(_ pieces: [ArraySlice<UInt8>], to socket: Socket) {
        self.socket = socket
        self.pieces = pieces.filter { !$0.isEmpty }
    }

    func add(_ bytes: [UInt8]) {
        pieces.append(bytes[...])
    }

    /// Writes all, in a task of its own, so that what the server answers meanwhile is read.
    func run() async {
        // Where that fails read on: the server may have answered before it closed the connection.
        while (try? writeNow()) == false, await socket.writable() == .ready {}
    }

    /// Writes what the kernel takes now; answers whether that was all.
    func writeNow() throws(SystemError) -> Bool {
        while let piece = pieces.first {
            guard let count = try socket.write(piece.span) else { return false }
            if count == piece.count { pieces.removeFirst() } else { pieces[0] = piece.dropFirst(count) }
        }
        return true
    }
}
