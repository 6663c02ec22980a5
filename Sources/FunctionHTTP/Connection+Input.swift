import FunctionCore
import FunctionEventLoop

extension Connection {
    /// The next request's head; nil at the end of the connection.
    func readHead() async throws(Refusal) -> RequestHead? {
        while true {
            switch try parse() {
            case .head(let head):
                server.goesOn(self)
                if case .none = head.framing {
                    // The end event, which consumes no input.
                    _ = try parse()
                    state = .read
                } else {
                    state = .body(until: loop.now + server.options.bodyTimeout, continues: head.expectsContinue)
                }
                return head
            case .body, .end:
                preconditionFailure("the parser sees a body without a head")
            case nil:
                guard try await fill(until: headDeadline) else { return nil }
            }
        }
    }

    /// The body that belongs to `head`. A short one that came with it is taken at once; any other is read from the
    /// connection when the handler asks for it.
    @inline(never)
    func body(of head: RequestHead) -> Body {
        switch head.framing {
        case .none: return .empty
        case .length(let length):
            if let bytes = takeShortBody(length) { return .bytes(bytes) }
            return .stream(length: length) { try await self.readBody(to: $0) }
        case .chunked: return .stream { try await self.readBody(to: $0) }
        }
    }

    /// Takes a short body whole if it has arrived: that costs a third of reading it for a handler that waits.
    private func takeShortBody(_ length: Int) -> [UInt8]? {
        guard 1...Self.shortBody ~= length, unread.count - unreadStart >= length,
            server.crowd.takes(length, by: place)
        else { return nil }
        let start = unreadStart
        // The parser sees all of the body, so it returns it in one piece. It cannot refuse a body of a known length.
        guard case .body(let range)? = try? parse(), case .end? = try? parse() else { return nil }
        state = .read
        return Array(unread[start + range.lowerBound..<start + range.upperBound])
    }

    private func readBody(to writer: any BodyWriter) async throws {
        while let chunk = try await readChunk() { try await writer.write(chunk) }
        let trailers = parser.trailers
        if !trailers.fields.isEmpty { try await writer.end(with: trailers) }
    }

    /// The body's next bytes; nil at its end.
    private func readChunk() async throws(Refusal) -> [UInt8]? {
        if case .failed(let refusal) = state { throw refusal }
        while case .body(let deadline, let continues) = state {
            let start = unreadStart
            switch try parse() {
            case .body(let range):
                try take(range.count)
                return Array(unread[start + range.lowerBound..<start + range.upperBound])
            case .end:
                // While it waited for its body, the request did not count as in flight.
                guard server.crowd.readmit(place) else {
                    server.evictions.overloaded += 1
                    throw fail(Self.overloaded)
                }
                state = .read
                server.goesOn(self)
            case .head:
                preconditionFailure("the parser sees a head within a body")
            case nil:
                server.waits(self, as: .body)
                if continues {
                    state = .body(until: deadline, continues: false)
                    await writeContinue()
                }
                guard try await fill(until: deadline) else {
                    throw fail(Refusal(.badRequest, "the connection ended within the body"))
                }
            }
        }
        return nil
    }

    private func take(_ count: Int) throws(Refusal) {
        do throws(Refusal) {
            try server.take(count, for: self)
        } catch {
            throw fail(error)
        }
    }

    /// The next event in `unread`; nil if it needs more bytes.
    private func parse() throws(Refusal) -> RequestParser.Event? {
        var consumed = 0
        do throws(RequestError) {
            defer { unreadStart += consumed }
            return try parser.next(unread.span.extracting(unreadStart...), consumed: &consumed)
        } catch {
            throw fail(Refusal(error.httpError, error.reason))
        }
    }

    /// Reads more into `unread`, once the parser has taken all it can use; false at the end of the connection.
    private func fill(until deadline: Instant) async throws(Refusal) -> Bool {
        unread.removeFirst(unreadStart)
        unreadStart = 0
        if unread.isEmpty, unread.capacity > Self.keptCapacity { unread = [] }
        while true {
            if let eviction { throw fail(eviction.refusal) }
            let count: Int?
            do throws(SystemError) {
                count = try socket.read(into: UnsafeMutableRawBufferPointer(rebasing: loop.scratch[..<Self.readSize]))
            } catch {
                return false
            }
            if let count {
                unread.append(contentsOf: loop.scratch[..<count])
                if count > 0, case .idle = state {
                    state = .head(until: loop.now + server.options.headTimeout)
                    server.goesOn(self)
                }
                return count > 0
            }
            switch state {
            case .idle: server.waits(self, as: .idle)
            case .head: server.waits(self, as: .head)
            case .body: server.waits(self, as: .body)
            case .read, .failed: break
            }
            if let eviction { throw fail(eviction.refusal) }
            let end = idleGraceEnd.map { min($0, deadline) } ?? deadline
            switch await socket.readable(until: rests ? min(loop.now + Self.pause, end) : end) {
            case .ready: continue
            case .interrupted:
                // Requests that have arrived or are in transit are still served: see `idleGraceEnd`.
                guard !socket.isClosed else { return false }
            case .timedOut:
                if case .idle = state {
                    if rests, loop.now < end {
                        renewsTask = true
                        return false
                    }
                    // A request that arrived while the loop was busy is in the kernel, which reports it in the next
                    // turn.
                    guard !socket.isQuiet else { return false }
                    continue
                }
                throw fail(Refusal(.requestTimeout, "the request did not arrive in time"))
            }
        }
    }

    /// Whether its task ends if no request comes for a while.
    private var rests: Bool {
        if case .idle = state { hasServed && !Task.isCancelled } else { false }
    }

    private func fail(_ refusal: Refusal) -> Refusal {
        state = .failed(refusal)
        return refusal
    }

    private var headDeadline: Instant {
        if case .head(let deadline) = state { return deadline }
        return loop.now + (server.isInIdleGrace ? server.options.idleGrace : server.options.idleTimeout)
    }

    /// The most bytes that one read takes: the buffer of one direction.
    private static let readSize = 16 * 1024
    /// In bytes.
    private static let shortBody = 4096
    /// After this time without a request a connection goes on in a new task, which costs less than a request.
    private static let pause = Interval.seconds(1)
    /// The capacity that an idle connection keeps, so that a typical request needs no allocation.
    private static let keptCapacity = 1024
}
