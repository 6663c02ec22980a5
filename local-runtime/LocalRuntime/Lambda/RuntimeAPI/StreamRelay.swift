import Function

/// Passes a streamed response on, and keeps the error that its trailers tell.
actor StreamRelay: BodyWriter {
    private let pipe: ChunkPipe
    private(set) var error: FunctionError?

    init(to pipe: ChunkPipe) {
        self.pipe = pipe
    }

    func write(_ bytes: [UInt8]) async {
        await pipe.write(bytes)
    }

    func end(with trailers: Headers) {
        guard let type = trailers[.lambdaErrorType] else { return }
        let body = trailers[.lambdaErrorBody].flatMap { Base64.decode($0.string) }
        error = .told(type: type.string, body: body ?? [])
    }
}
