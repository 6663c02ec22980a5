#if TLS
import CFunctionOpenSSL
import FunctionEventLoop
import Glibc

/// The client side of TLS on a socket.
///
/// OpenSSL reads and writes the socket through ``SocketBIO``. That accepts everything OpenSSL writes, and keeps the bytes
/// here that the kernel has no room for. So no write must be repeated with the same bytes, as SSL_write(3) would require,
/// and no read must wait for room.
final class TLSFilter: SocketFilter {
    private let connection: OpaquePointer
    private unowned let socket: Socket
    private let serverName: String
    private let hasCertificate: Bool
    /// Whether the server has asked for a certificate.
    private var isCertificateWanted = false
    /// Whether any bytes were received.
    private(set) var hasReceived = false
    /// Bytes that the kernel had no room for.
    private var unsent: ArraySlice<UInt8> = []
    private var sendFailure: SystemError?
    /// Thrown by every later read and write.
    private var failure: SystemError?
    private var isOutputEnded = false

    /// Far more than a record. Only a peer that keeps sending and never reads makes us buffer more than this.
    private static let maxUnsent = 128 * 1024
    /// The most content of one record (RFC 8446, section 5.1).
    private static let recordSize = 16 * 1024

    init(_ context: LoadedContext, serverName: String, on socket: Socket) throws(TLSError) {
        ERR_clear_error()
        guard let connection = SSL_new(context.pointer) else { throw .failed(OpenSSLError.taken().text) }
        self.connection = connection
        self.socket = socket
        // A host name may end with a dot, but the names in server_name and in certificates do not (RFC 6066, section 3).
        self.serverName = serverName.hasSuffix(".") ? String(serverName.dropLast()) : serverName
        hasCertificate = SSL_get_certificate(connection) != nil
        SSL_set_connect_state(connection)
        let bio = SocketBIO.make(for: self)
        SSL_set_bio(connection, bio, bio)
        try expectName()
        // Unretained: this object frees the connection when it is freed.
        let context = Unmanaged.passUnretained(self).toOpaque()
        let whenWanted: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32 = { _, context in
            // The pointer is `context`, the filter itself.
            Unmanaged<TLSFilter>.fromOpaque(context!).takeUnretainedValue().isCertificateWanted = true
            return 1
        }
        SSL_set_cert_cb(connection, whenWanted, context)
    }

    deinit {
        SSL_free(connection)
    }

    /// Requires a certificate for `serverName`, and sends the name so that the server can choose the certificate.
    private func expectName() throws(TLSError) {
        let parameters = SSL_get0_param(connection)
        guard SocketAddress(ip: serverName, port: 0) == nil else {
            // server_name may not contain an address (RFC 6066, section 3).
            guard X509_VERIFY_PARAM_set1_ip_asc(parameters, serverName) == 1 else {
                throw .failed("\(serverName) is not an address")
            }
            return
        }
        X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        let isSet = serverName.withCString { name in
            // OpenSSL copies the name.
            X509_VERIFY_PARAM_set1_host(parameters, name, 0) == 1
                && SSL_ctrl(
                    connection,
                    SSL_CTRL_SET_TLSEXT_HOSTNAME,
                    Int(TLSEXT_NAMETYPE_host_name),
                    UnsafeMutableRawPointer(mutating: name)
                ) == 1
        }
        guard isSet else { throw .failed("\(serverName) is not a host name") }
    }

    /// Continues the handshake. Returns whether it is complete; if not, it waits for the server.
    func continueHandshake() throws(TLSError) -> Bool {
        ERR_clear_error()
        let result = SSL_do_handshake(connection)
        if result == 1 { return true }
        let kind = SSL_get_error(connection, result)
        if kind == SSL_ERROR_WANT_READ { return false }
        let error = explain(kind)
        failure = SystemError("handshake", EPROTO, reason: error.description)
        throw error
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        if let failure { throw failure }
        var count = 0
        ERR_clear_error()
        let result = SSL_read_ex(connection, buffer.baseAddress, buffer.count, &count)
        if result == 1 { return count }
        return try ended("read", result)
    }

    func write(_ buffer: UnsafeRawBufferPointer) throws(SystemError) -> Int? {
        if let failure { throw failure }
        if let sendFailure { throw sendFailure }
        guard unsent.isEmpty else { return nil }
        guard buffer.count > 0 else { return 0 }
        var count = 0
        ERR_clear_error()
        let result = SSL_write_ex(connection, buffer.baseAddress, min(buffer.count, Self.recordSize), &count)
        if let sendFailure { throw sendFailure }
        if result == 1 { return count }
        return try ended("write", result)
    }

    var isQuiet: Bool {
        guard failure == nil else { return false }
        var byte: UInt8 = 0
        var count = 0
        ERR_clear_error()
        let result = SSL_peek_ex(connection, &byte, 1, &count)
        return result == 0 && SSL_get_error(connection, result) == SSL_ERROR_WANT_READ
    }

    func endOutput() {
        // SSL_shutdown must not be called after an error or before the handshake is complete.
        guard failure == nil, !isOutputEnded, SSL_is_init_finished(connection) == 1 else { return }
        isOutputEnded = true
        ERR_clear_error()
        SSL_shutdown(connection)
        ERR_clear_error()
    }

    func flush() -> Bool {
        guard !unsent.isEmpty else { return true }
        do throws(SystemError) {
            while !unsent.isEmpty {
                let rest = unsent
                let count = try rest.span.withUnsafeBytes { bytes throws(SystemError) in
                    try socket.writeUnfiltered(bytes)
                }
                guard let count else { return false }
                unsent = unsent.dropFirst(count)
            }
            unsent = []
        } catch {
            sendFailure = error
            unsent = []
        }
        return true
    }

    /// Interprets an OpenSSL call that returned no bytes: nil if it would block, 0 at the end; otherwise throws.
    private func ended(_ call: String, _ result: Int32) throws(SystemError) -> Int? {
        let kind = SSL_get_error(connection, result)
        switch kind {
        case SSL_ERROR_WANT_READ: return nil
        case SSL_ERROR_ZERO_RETURN: return 0
        default:
            let error = explain(kind)
            let failure: SystemError
            if case .connectionLost = error {
                // A connection that ends without close_notify may have been cut off by an attacker.
                failure = SystemError(call, ECONNRESET)
            } else {
                failure = SystemError(call, EPROTO, reason: error.description)
            }
            self.failure = failure
            throw failure
        }
    }

    private func explain(_ kind: Int32) -> TLSError {
        let handshake = Handshake(
            serverName: serverName,
            verdict: SSL_get_verify_result(connection),
            isCertificateWanted: isCertificateWanted,
            hasCertificate: hasCertificate
        )
        return kind == SSL_ERROR_SSL ? TLSError(.taken(), handshake) : .connectionLost(handshake.cut)
    }
}

// Input and output for OpenSSL.
extension TLSFilter {
    /// Reads into OpenSSL's buffer; nil if that would block, 0 at the end or if reading fails.
    func receive(_ buffer: UnsafeMutableRawBufferPointer) -> Int? {
        guard !socket.isClosed else { return 0 }
        do throws(SystemError) {
            let count = try socket.readUnfiltered(into: buffer)
            if count ?? 0 > 0 { hasReceived = true }
            return count
        } catch {
            return 0
        }
    }

    /// Accepts all of `bytes`; false if the connection is broken.
    func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard sendFailure == nil, !socket.isClosed else { return false }
        var rest = bytes
        do throws(SystemError) {
            while unsent.isEmpty, !rest.isEmpty, let count = try socket.writeUnfiltered(rest) {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        } catch {
            sendFailure = error
            return false
        }
        guard unsent.count + rest.count <= Self.maxUnsent else {
            sendFailure = SystemError("write", ENOBUFS)
            return false
        }
        unsent += rest
        return true
    }
}

/// OpenSSL's input and output (BIO_meth_new(3)), which a ``TLSFilter`` passes on to its socket.
enum SocketBIO {
    // Unsafe: a pointer that the first use sets and that is only read afterwards.
    nonisolated(unsafe) private static let method = makeMethod()

    /// Makes a BIO for `filter`, which outlives it.
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
        // The pointer is the filter that the BIO was made for. The filter frees the BIO, so it is still alive.
        Unmanaged<TLSFilter>.fromOpaque(BIO_get_data(bio)!).takeUnretainedValue()
    }
}
#endif
