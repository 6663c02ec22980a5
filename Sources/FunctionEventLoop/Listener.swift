import CFunctionLinux
import Glibc

/// A socket that accepts connections on its loop. Lives on its loop's thread.
public final class Listener: Pollable {
    private let descriptor: Int32
    private unowned let loop: EventLoop
    private var slot: Int?
    private let accepted: (Socket) -> Void
    private var isPaused = false
    private var retry: Timer?
    /// Called if a connection waits to be accepted while the listener is paused.
    public var whenWaitedFor: (() -> Void)?
    /// Called if no connection can be accepted because descriptors or memory ran out. The listener tries again later.
    public var whenShort: ((SystemError) -> Void)?
    /// The address it listens on. If port 0 was asked for, this has the port that the system chose.
    public let address: SocketAddress

    /// Listens on `address` and passes every connection to `accepted`.
    ///
    /// With `sharesPort`, several listeners may use the same port, and the kernel spreads connections over them
    /// (SO_REUSEPORT). Another process of the same user could then share the port unnoticed: call ``probe(_:)`` first.
    public init(
        _ address: SocketAddress,
        sharesPort: Bool = false,
        on loop: EventLoop,
        accepted: @escaping (Socket) -> Void
    ) throws(SystemError) {
        descriptor = try Self.bind(address, sharesPort: sharesPort)
        self.loop = loop
        self.accepted = accepted
        do throws(SystemError) {
            guard listen(descriptor, 4096) == 0 else { throw SystemError("listen") }
            self.address = try SocketAddress(ofSocket: descriptor)
            slot = try loop.poller.add(descriptor, events: EPOLLIN.rawValue | EPOLLET.rawValue, self)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// The wildcard address: `::`, which includes IPv4 (RFC 3493, sections 3.7 and 5.3), or `0.0.0.0` on a machine
    /// without IPv6.
    public static var everyAddress: String {
        guard let address = SocketAddress(ip: "::", port: 0), let descriptor = try? bind(address, sharesPort: false)
        else {
            return "0.0.0.0"
        }
        Glibc.close(descriptor)
        return "::"
    }

    /// Throws if `address` cannot be listened on now: EADDRINUSE if another socket listens there already.
    public static func probe(_ address: SocketAddress) throws(SystemError) {
        let descriptor = try bind(address, sharesPort: false)
        defer { Glibc.close(descriptor) }
        guard listen(descriptor, 1) == 0 else { throw SystemError("listen") }
    }

    /// Stops accepting: further connections stay in the kernel's queue.
    public func pause() {
        isPaused = true
    }

    /// Whether a connection waits to be accepted. A system call.
    public var isWaitedFor: Bool {
        guard slot != nil else { return false }
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, 0) > 0
    }

    /// Accepts again, beginning with the connections in the queue.
    public func resume() {
        guard isPaused else { return }
        isPaused = false
        acceptAll()
    }

    /// Makes the kernel drop segments that open new connections (SYN, RFC 9293, section 3.1). Connections whose handshake
    /// has begun can then still be accepted before ``close()``, which resets those that were not. A client whose SYN was
    /// dropped sends it again after a second and is refused then.
    public func ignoreNewConnections() {
        var program = [
            sock_filter(code: UInt16(BPF_LD | BPF_B | BPF_ABS), jt: 0, jf: 0, k: 13),  // load the flags
            sock_filter(code: UInt16(BPF_JMP | BPF_JSET | BPF_K), jt: 0, jf: 1, k: 0x02),  // is SYN set?
            sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0),  // yes: drop the segment
            sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: .max),  // no: keep all of it
        ]
        program.withUnsafeMutableBufferPointer { program in
            var filter = sock_fprog(len: UInt16(program.count), filter: program.baseAddress)
            // Fails on unix sockets and in some sandboxes, and then changes nothing.
            setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, socklen_t(MemoryLayout<sock_fprog>.size))
        }
    }

    /// Accepts the queued connections and stops listening.
    public func close() {
        guard let slot else { return }
        isPaused = false
        acceptAll()
        self.slot = nil
        whenWaitedFor = nil
        whenShort = nil
        retry?.cancel()
        loop.poller.remove(slot: slot)
        Glibc.close(descriptor)
    }

    private func acceptAll() {
        while !isPaused {
            let connection = accept4(descriptor, nil, nil, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
            guard connection >= 0 else {
                switch errno {
                case EINTR, ECONNABORTED: continue
                case EAGAIN: return
                case EMFILE, ENFILE, ENOBUFS, ENOMEM: whenShort?(SystemError("accept4"))
                default: break
                }
                // Retrying at once would spin.
                return retryLater()
            }
            Socket.setNoDelay(connection, address.family)
            do throws(SystemError) {
                accepted(try Socket(connection, on: loop))
            } catch {
                // epoll has no memory to watch it. The initializer has closed it.
                whenShort?(error)
            }
        }
    }

    private func retryLater() {
        let timer = retry ?? Timer(on: loop) { [weak self] in self?.acceptAll() }
        retry = timer
        timer.deadline = loop.now + .milliseconds(100)
    }

    private static func bind(_ address: SocketAddress, sharesPort: Bool) throws(SystemError) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        if address.port != nil {
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
            if sharesPort { setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, size) }
        }
        if address.family == AF_INET6 {
            // `::` must include IPv4 whatever the machine's default is (ipv6(7), bindv6only).
            var off: Int32 = 0
            setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &off, size)
        }
        Socket.limitUnsent(descriptor, address.family)
        guard address.withPointer({ Glibc.bind(descriptor, $0, $1) }) == 0 else {
            let error = SystemError("bind")
            Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    func becameReady(_ events: UInt32) {
        if isPaused { whenWaitedFor?() } else { acceptAll() }
    }
}
