import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionPlatforms

extension LambdaWorker {
    private var api: LambdaAPI { dependencies.options.api }
    private var client: Client { dependencies.client }

    /// How long a call other than `next` may take.
    static let callLimit = Interval.seconds(10)
    /// In bytes; the Runtime API's responses to posts are a few words.
    private static let responseLimit = 64 * 1024

    /// Waits for the next event without a timeout: the process may be frozen meanwhile.
    func next(after delay: Interval) async {
        if delay > .seconds(0) { try? await LoopClock(loop).sleep(for: .nanoseconds(delay.nanoseconds)) }
        guard let request = api.request(.next) else { return }
        do throws(ClientError) {
            let response = try await client.send(request, to: api.origin, until: .forever)
            // Once the head is there, stop() must not cancel the reading of the event.
            asking = nil
            let invocation = InvocationFields(response.headers, now: WallClock.milliseconds)
            let bytes = try await response.collect(upTo: PlatformEvent.sizeLimit, until: .forever)
            asked = cycle.asked(response.status, isEvent: invocation != nil)
            if case .respond = asked, let invocation {
                begin(invocation, bytes)
            } else if response.status != .noContent {
                let isEvent = response.status == .ok
                logFailure(of: .next, isEvent ? "an event without an id" : "responded with \(response.status)")
            }
        } catch {
            asked = cycle.askingFailed()
            if error != .cancelled { logFailure(of: .next, "\(error)") }
        }
    }

    private func begin(_ invocation: InvocationFields, _ bytes: [UInt8]?) {
        isFailing = false
        let now = Instant.now
        let schedule = invocation.timeLeft(at: WallClock.milliseconds).map { LambdaSchedule(left: $0, from: now) }
        event = Event(invocation: invocation, bytes: bytes, schedule: schedule, start: now)
    }

    /// Posts, and tries once more on a new connection if the kept one was lost. If both posts arrive, Lambda takes the
    /// first.
    func post(_ call: LambdaCall) async -> (action: LambdaCycle.Action, isTaken: Bool) {
        guard let request = api.request(call) else { return (cycle.postingFailed(), false) }
        var attempts = 2
        while true {
            do throws(ClientError) {
                let response = try await client.send(request, to: api.origin, until: .now + Self.callLimit)
                return await finish(call, response)
            } catch {
                attempts -= 1
                if attempts > 0, error == .connectionLost { continue }
                logFailure(of: call.endpoint, "\(error)")
                return (cycle.postingFailed(), false)
            }
        }
    }

    func open(_ call: LambdaCall) async throws(ClientError) -> ClientUpload {
        guard let request = api.request(call) else { throw .cancelled }
        return try await client.open(
            request,
            announcing: LambdaError.trailerNames,
            to: api.origin,
            until: .now + Self.callLimit
        )
    }

    /// Reads the rest of the response, so that the connection can be used again.
    func finish(_ call: LambdaCall, _ response: ClientResponse) async -> (action: LambdaCycle.Action, isTaken: Bool) {
        _ = try? await response.collect(upTo: Self.responseLimit, until: .now + Self.callLimit)
        let isTaken = (200...299).contains(response.status.code)
        if !isTaken { logFailure(of: call.endpoint, "responded with \(response.status)") }
        return (cycle.posted(response.status, isReplaceable: call.isWhole), isTaken)
    }

    /// Logs a failed call; of consecutive failures of `next` only the first.
    func logFailure(of call: LambdaCall.Endpoint, _ cause: String) {
        if event == nil {
            guard !isFailing else { return }
            isFailing = true
        }
        dependencies.context.log.write(.warning, "the Runtime API failed") {
            $0.member("call", call.name)
            if let id = event?.invocation.id { $0.member("aws_request_id", id) }
            $0.member("cause", cause)
        }
    }
}
