import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionPlatforms

extension LambdaWorker {
    private var service: FunctionService { dependencies.service }

    /// Runs the function on the event, and posts its response, or the reason why there is none.
    func respond() async -> LambdaCycle.Action {
        guard let event else { return cycle.postingFailed() }
        let platformEvent: PlatformEvent
        do throws(PlatformEventError) {
            guard let bytes = event.bytes else { throw .tooLong(limit: PlatformEvent.sizeLimit) }
            platformEvent = try PlatformEvent(reading: bytes)
        } catch {
            return await refuse(LambdaError(error), of: event)
        }
        let kind = platformEvent.kind
        let request = request(platformEvent.request, of: event)
        self.event?.bytes = nil
        pending = (request, kind)
        if dependencies.options.streams, kind.streams { return await stream(request, of: event) }
        let response = await work.run(event.times) { [service] in await service.respond(to: request, collected: true) }
        return await post(response ?? late(request), to: request, kind, of: event)
    }

    /// Posts an error response in place of the one that was too large.
    func excuse() async -> LambdaCycle.Action {
        guard let event, let pending else { return cycle.postingFailed() }
        return await post(tooLarge(pending.request, pending.kind), to: pending.request, pending.kind, of: event)
    }

    private func request(_ received: Request, of event: Event) -> Request {
        var request = service.identified(received)
        request.timeLimit = event.schedule.map { .nanoseconds(max(0, ($0.cancel - .now).nanoseconds)) }
        if let traceID = event.invocation.traceID, request.headers[.xAmznTraceID] == nil {
            request.headers.append(.xAmznTraceID, traceID)
        }
        return request
    }

    private func post(
        _ response: Response,
        to request: Request,
        _ kind: PlatformEvent.Kind,
        of event: Event
    ) async -> LambdaCycle.Action {
        var posted = response
        var json = await encode(posted, for: kind)
        if json.count > kind.responseLimit {
            posted = tooLarge(request, kind)
            posted.traceID = response.traceID
            json = await encode(posted, for: kind)
        }
        let (action, isTaken) = await post(.response(id: event.invocation.id, json))
        completed(request, posted, of: event, isComplete: isTaken)
        return action
    }

    private func encode(_ response: Response, for kind: PlatformEvent.Kind) async -> [UInt8] {
        // The body is in memory, or is an error's of a few bytes. It is sent for HEAD too: the platform takes the
        // length from it.
        let body = try? await response.body.collect(upTo: FunctionInstance.maxCollected)
        return PlatformEvent.encode(response, body: body ?? [], for: kind)
    }

    private func stream(_ request: Request, of event: Event) async -> LambdaCycle.Action {
        let inTime = await work.run(event.times) { [service] in
            await service.respond(to: request)
        } tooLate: {
            await $0.body.discard()
        }
        let response = inTime ?? late(request)
        let prelude = PlatformEvent.encodePrelude(response)
        let call = LambdaCall.streamedResponse(id: event.invocation.id, prelude: prelude)
        do throws(ClientError) {
            let upload = try await open(call)
            // The deadline's own error response is written without a time limit: its time is already over.
            let broken = await write(response.body, to: request, over: upload, inTime == nil ? nil : event.times)
            let ending = try await upload.finish(trailers: broken?.trailers ?? [:], until: .now + Self.callLimit)
            let (action, isTaken) = await finish(call, ending)
            completed(request, response, of: event, isComplete: isTaken && broken == nil)
            return action
        } catch {
            await response.body.discard()
            logFailure(of: call.endpoint, "\(error)")
            completed(request, response, of: event, isComplete: false)
            return cycle.postingFailed()
        }
    }

    /// Writes the separator and the body after the prelude; returns why the body is incomplete, nil if it is complete.
    private func write(
        _ body: Body,
        to request: Request,
        over upload: ClientUpload,
        _ times: (cancel: Instant, giveUp: Instant)?
    ) async -> LambdaError? {
        let outcome: LambdaError?? = await work.run(times) {
            do {
                // As a separate chunk: one emulator finds the end of the prelude by that.
                try await upload.write(StreamPrelude.separator)
                if request.method == .head {
                    await body.discard()
                } else {
                    try await body.write(to: upload)
                }
                return nil
            } catch {
                return .responseIncomplete
            }
        }
        return outcome ?? .deadlineExceeded
    }

    private func refuse(_ error: LambdaError, of event: Event) async -> LambdaCycle.Action {
        dependencies.context.log.write(.error, "event refused") {
            $0.member("aws_request_id", event.invocation.id)
            $0.member("type", error.type.string)
            $0.member("cause", error.message)
        }
        return await post(.error(id: event.invocation.id, error)).action
    }

    private func late(_ request: Request) -> Response {
        service.failure(.deadlineExceeded, request, cause: "no response before the deadline")
    }

    private func tooLarge(_ request: Request, _ kind: PlatformEvent.Kind) -> Response {
        let cause = "over \(kind.responseLimit) bytes as JSON"
        return service.failure(.responseTooLarge, request, cause: cause)
    }

    private func completed(_ request: Request, _ response: Response, of event: Event, isComplete: Bool) {
        let duration = Instant.now - event.start
        service.completed(
            Exchange(request: request, response: response, duration: duration, isComplete: isComplete),
            awsRequestID: event.invocation.id
        )
    }
}

extension LambdaError {
    fileprivate init(_ error: PlatformEventError) {
        self =
            switch error {
            case .tooLong: .eventTooLarge
            case .content(let problem): .malformedEvent("The event is malformed: \(problem)")
            case .unknownKind(let reason): .unknownEvent("This is \(reason).")
            }
    }
}
