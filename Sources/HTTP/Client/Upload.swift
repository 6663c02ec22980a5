import EventLoop

/// The part of a request that the kernel did not take at once; written as fast as the server takes it.
///
/// It waits in a task of its own, so that what the server answers meanwhile is read, and ends with its socket. Whether the
/// server got it all is for the response to tell.
final class Upload: @unchecked Sendable {
    // Unchecked: it is touched on its loop's thread alone.
    private let socket: Socket
    private var pieces: [ArraySlice<UInt8>]
    /// Whether all was handed to the kernel.
    private(set) var isComplete = false

    init(_ pieces: [ArraySlice<UInt8>], to socket: Socket) {
        self.socket = socket
        self.pieces = pieces
    }

    func run() async {
        do throws(SystemError) {
            while let piece = pieces.first {
                guard !piece.isEmpty else {
                    pieces.removeFirst()
                    continue
                }
                if let count = try socket.write(piece.span) {
                    pieces[0] = piece.dropFirst(count)
                } else if await socket.writable() != .ready {
                    return
                }
            }
            isComplete = true
        } catch {
            // Read on: the server may have answered before it closed the connection.
        }
    }
}
