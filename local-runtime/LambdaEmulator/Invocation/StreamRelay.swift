import FunctionCore
import FunctionPlatforms

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
        error = LambdaError.told(in: trailers).map { .told(type: $0.type, body: $0.json) }
    }
}
