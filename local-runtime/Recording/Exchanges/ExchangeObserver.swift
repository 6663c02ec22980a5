import FunctionCore

/// Observes one exchange while it goes through a handler. Each call returns at once.
protocol ExchangeObserver: Sendable {
    /// The function has read a part of the request's body.
    func read(_ bytes: [UInt8])

    /// The request's body broke off: the client does not get the function's response.
    func broke()

    /// The function returned its response; the body is not written yet.
    func responded(_ response: Response)

    /// A part of the response's body was written.
    func written(_ bytes: [UInt8])

    /// The response's body was written to its end, or broke off. Called last, and once.
    func ended(isComplete: Bool)
}

extension ExchangeObserver {
    func broke() {}

    /// Calls `handler` without delaying anything: bodies pass through as they come, and a write returns when the original
    /// writer does.
    func observe(_ request: Request, _ handler: Handler) async -> Response {
        var request = request
        if request.body.length != 0 {
            let body = request.body
            request.body = .stream(length: body.length) { writer in
                do {
                    try await body.write(to: RecordingWriter(next: writer, taken: self.read))
                } catch let error as Body.TooLarge {
                    // The function stopped reading, so the body did not break off.
                    throw error
                } catch {
                    self.broke()
                    throw error
                }
            }
        }
        var response = await handler(request)
        responded(response)
        if case .bytes(let bytes) = response.body.storage {
            if request.method != .head { written(bytes) }
            ended(isComplete: true)
        } else {
            let body = response.body
            // The server runs a body once, even if the client is gone, so the exchange always ends.
            response.body = .stream(length: body.length) { writer in
                do {
                    try await body.write(to: RecordingWriter(next: writer, taken: self.written))
                    self.ended(isComplete: true)
                } catch {
                    self.ended(isComplete: false)
                    throw error
                }
            }
        }
        return response
    }
}

/// Passes a body on, and reports each chunk that was taken.
private struct RecordingWriter: BodyWriter {
    let next: any BodyWriter
    let taken: @Sendable ([UInt8]) -> Void

    func write(_ bytes: [UInt8]) async throws {
        try await next.write(bytes)
        taken(bytes)
    }
}
