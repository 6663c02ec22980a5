#if TLS
import CFunctionOpenSSL
import FunctionEventLoop
import Glibc

/// An OpenSSL context with all files loaded (SSL_CTX_new(3)).
final class LoadedContext: @unchecked Sendable {
    // Unchecked: OpenSSL lets threads share a context that does not change, and nothing changes this one after init.

    let pointer: OpaquePointer

    init(_ options: TLSOptions) throws(TLSError) {
        // Ignore the machine's openssl.cnf, so that a function behaves the same everywhere.
        OPENSSL_init_ssl(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil)
        ERR_clear_error()
        guard let pointer = SSL_CTX_new(TLS_client_method()) else { throw .failed(OpenSSLError.taken().text) }
        self.pointer = pointer
        SSL_CTX_ctrl(pointer, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
        SSL_CTX_set_options(pointer, COpenSSL_noRenegotiation)
        // Let a write return after each record instead of after all of its bytes.
        SSL_CTX_ctrl(pointer, SSL_CTRL_MODE, Int(SSL_MODE_ENABLE_PARTIAL_WRITE) | Int(SSL_MODE_RELEASE_BUFFERS), nil)
        // Read a record and the bytes behind it in one system call, instead of two for each record.
        SSL_CTX_ctrl(pointer, SSL_CTRL_SET_READ_AHEAD, 1, nil)
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        // Without this, OpenSSL asks for an encrypted key's password on the terminal.
        SSL_CTX_set_default_passwd_cb(pointer) { _, _, _, _ in -1 }
        try loadAuthorities(options.authorities)
        try loadIdentity(options)
    }

    deinit {
        SSL_CTX_free(pointer)
    }

    private func loadAuthorities(_ given: String?) throws(TLSError) {
        let authorities = given.map { SystemAuthorities(file: $0, folders: []) } ?? .found()
        guard let authorities else { throw .noAuthorities }
        if let path = authorities.file {
            try Self.probe(.authorities, path)
            guard SSL_CTX_load_verify_file(pointer, path) == 1 else {
                throw .unusable(.authorities, path: path, problem: OpenSSLError.taken().problem(of: "certificate"))
            }
        }
        // OpenSSL reads the certificates in these when it needs them.
        for folder in authorities.folders {
            guard access(folder, R_OK | X_OK) == 0 else {
                throw .unusable(.authorities, path: folder, problem: String(cString: strerror(errno)))
            }
            guard SSL_CTX_load_verify_dir(pointer, folder) == 1 else {
                throw .unusable(.authorities, path: folder, problem: OpenSSLError.taken().text)
            }
        }
    }

    private func loadIdentity(_ options: TLSOptions) throws(TLSError) {
        guard options.certificate != nil || options.key != nil else { return }
        guard let certificate = options.certificate, let key = options.key else { throw .incompleteIdentity }
        try Self.probe(.certificate, certificate)
        guard SSL_CTX_use_certificate_chain_file(pointer, certificate) == 1 else {
            throw .unusable(.certificate, path: certificate, problem: OpenSSLError.taken().problem(of: "certificate"))
        }
        try Self.probe(.key, key)
        guard SSL_CTX_use_PrivateKey_file(pointer, key, SSL_FILETYPE_PEM) == 1 else {
            throw .unusable(.key, path: key, problem: OpenSSLError.taken().problem(of: "key"))
        }
    }

    /// Throws the system's error for an unreadable file, which is clearer than OpenSSL's.
    private static func probe(_ file: TLSError.File, _ path: String) throws(TLSError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        defer { if descriptor >= 0 { close(descriptor) } }
        var byte: UInt8 = 0
        let count = descriptor < 0 ? -1 : read(descriptor, &byte, 1)
        if count < 0 { throw .unusable(file, path: path, problem: String(cString: strerror(errno))) }
        if count == 0 { throw .unusable(file, path: path, problem: "the file is empty") }
    }
}
#endif
