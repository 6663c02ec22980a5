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
    /// Called when a connection waits to be accepted while the listener is paused.
    public var whenWaitedFor: (() -> Void)?
    /// Called when no connection can be accepted, as descriptors or memory have run out; it is tried again later.
    public var whenShort: ((SystemError) -> Void)?
    /// Where it listens; with port 0 asked for, the port that the system chose.
    public let address: SocketAddress

    /// Listens on `address` and hands every connection to `accepted`.
    ///
    /// With `sharesPort`, others of this process may listen on the same port, and the kernel spreads connections over
    /// them (SO_REUSEPORT). Any process of this user could then take the port silently: bind once without it first.
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

    /// What stands for every address of this machine: `::`, for those of IPv4 too (RFC 3493, sections 3.7 and 5.3), or
    /// `0.0.0.0` where there is no IPv6.
    public static var everyAddress: String {
        guard let address = SocketAddress(ip: "::", port: 0), let descriptor = try? bind(address, sharesPort: false)
        else {
            return "0.0.0.0"
        }
        Glibc.close(descriptor)
        return "::"
    }

    /// Throws if `address` cannot be listened on now: with EADDRINUSE if somebody does already.
    public static func probe(_ address: SocketAddress) throws(SystemError) {
        let descriptor = try bind(address, sharesPort: false)
        defer { Glibc.close(descriptor) }
        guard listen(descriptor, 1) == 0 else { throw SystemError("listen") }
    }

    /// Leaves further connections in the kernel's queue.
    public func pause() {
        isPaused = true
    }

    /// Whether a connection waits to be accepted; asks the kernel.
    public var isWaitedFor: Bool {
        guard slot != nil else { return false }
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, 0) > 0
    }

    /// Accepts again, first what has queued up.
    public func resume() {
        guard isPaused else { return }
        isPaused = false
        acceptAll()
    }

    /// Has the kernel drop what would open further connections (SYN, RFC 9293, section 3.1), so that those whose
    /// handshake is under way can be accepted before ``close()``: it resets what was not. A client whose SYN was dropped
    /// sends it again after a second, and is refused then.
    public func stopHandshakes() {
        var program = [
            sock_filter(code: UInt16(BPF_LD | BPF_B | BPF_ABS), jt: 0, jf: 0, k: 13),  // the segment's flags
            sock_filter(code: UInt16(BPF_JMP | BPF_JSET | BPF_K), jt: 0, jf: 1, k: 0x02),  // has it SYN?
            sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0),  // drop it
            sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: .max),  // take it whole
        ]
        program.withUnsafeMutableBufferPointer { program in
            var filter = sock_fprog(len: UInt16(program.count), filter: program.baseAddress)
            // Where that is not possible (unix sockets, some sandboxes), nothing has changed.
            setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, socklen_t(MemoryLayout<sock_fprog>.size))
        }
    }

    /// Accepts what is queued and listens no more.
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
                // Asking again at once would spin.
                return retryLater()
            }
            Socket.setNoDelay(connection, address.family)
            do throws(SystemError) {
                accepted(try Socket(connection, on: loop))
            } catch {
                // It cannot be watched, for which memory has to be had, and is closed by the initializer.
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
            // `::` means IPv4's addresses too, whatever the machine's own setting is (ipv6(7), bindv6only).
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
