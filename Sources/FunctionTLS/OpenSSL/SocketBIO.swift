#if TLS
import CFunctionOpenSSL

/// What OpenSSL reads from and writes to: a ``TLSFilter``, which asks its socket (BIO_meth_new(3)).
enum SocketBIO {
    // Unsafe: written once, by the first use, and only read from then on.
    nonisolated(unsafe) private static let method = makeMethod()

    /// A BIO for `filter`, which outlives it.
    static func make(for filter: TLSFilter) -> OpaquePointer? {
        let bio = BIO_new(method)
        BIO_set_data(bio, Unmanaged.passUnretained(filter).toOpaque())
        BIO_set_init(bio, 1)
        return bio
    }

    private static func makeMethod() -> OpaquePointer? {
        let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket")
        BIO_meth_set_read(method) { bio, buffer, size in
            BIO_clear_flags(bio, SocketBIO.retryRead)
            let room = UnsafeMutableRawBufferPointer(start: buffer, count: Int(size))
            guard let count = SocketBIO.filter(of: bio).receive(room) else {
                BIO_set_flags(bio, SocketBIO.retryRead)
                return -1
            }
            return Int32(count)
        }
        BIO_meth_set_write(method) { bio, bytes, size in
            SocketBIO.filter(of: bio).send(UnsafeRawBufferPointer(start: bytes, count: Int(size))) ? size : -1
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in
            command == BIO_CTRL_FLUSH ? 1 : 0
        }
        return method
    }

    private static let retryRead = BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY

    private static func filter(of bio: OpaquePointer?) -> TLSFilter {
        // The pointer is the filter that the BIO was made for, and frees.
        Unmanaged<TLSFilter>.fromOpaque(BIO_get_data(bio)!).takeUnretainedValue()
    }
}
#endif
