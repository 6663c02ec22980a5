import FunctionCore

/// Who is told of one exchange while it goes through a handler. Each call returns at once.
protocol ExchangeObserver: Sendable {
    /// The function has read a part of the request's body.
    func read(_ bytes: [UInt8])

    /// The request's body came to no end: what the client gets is not what the function answers.
    func broke()

    /// The function has answered; the body is still to be written.
    func answered(_ response: Response)

    /// A part of the answer's body was written.
    func written(_ bytes: [UInt8])

    /// Once, at last: the answer's body was written to its end, or came to none.
    func ended(isComplete: Bool)
}

extension ExchangeObserver {
    func broke() {}

    /// Has `handler` answer, without holding anything up: bodies pass through as they come, a write returns when the
    /// writer behind it does.
    func observe(_ request: Request, _ handler: Handler) async -> Response {
        var request = request
        if request.body.length != 0 {
            let body = request.body
            request.body = .stream(length: body.length) { writer in
                do {
                    try await body.write(to: RecordingWriter(next: writer, taken: self.read))
                } catch let error as Body.TooLarge {
                    // The function wanted no more of it.
                    throw error
                } catch {
                    self.broke()
                    throw error
                }
            }
        }
        var response = await handler(request)
        answered(response)
        if case .bytes(let bytes) = response.body.storage {
            if request.method != .head { written(bytes) }
            ended(isComplete: true)
        } else {
            let body = response.body
            // Run once, whatever becomes of the client: the exchange has an end.
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

/// Passes a body on, and tells of each chunk that was taken.
private struct RecordingWriter: BodyWriter {
    let next: any BodyWriter
    let taken: @Sendable ([UInt8]) -> Void

    func write(_ bytes: [UInt8]) async throws {
        try await next.write(bytes)
        taken(bytes)
    }
}
