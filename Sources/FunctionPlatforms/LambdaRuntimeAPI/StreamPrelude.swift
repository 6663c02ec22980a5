package import FunctionCore

/// What a function streams to HTTP: a prelude (``PlatformEvent/encodePrelude(_:)``), eight NUL bytes, and the content
/// (docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html). The platform parts them again.
package struct StreamPrelude: Sendable {
    package static let contentType: Headers.Value = "application/vnd.awslambda.http-integration-response"
    /// What the mode of a streamed response is called.
    package static let responseMode: Headers.Value = "streaming"
    /// What ends a prelude.
    package static let separator = [UInt8](repeating: 0, count: 8)
    /// The longest prelude, in bytes.
    package static let limit = 64 * 1024

    package private(set) var bytes: [UInt8] = []
    private var zeros = 0

    package init() {}

    /// Takes a chunk; answers what of it is content, once the prelude is whole; nil before.
    package mutating func take(_ chunk: [UInt8]) -> ArraySlice<UInt8>? {
        for (index, byte) in chunk.enumerated() {
            bytes.append(byte)
            zeros = byte == 0 ? zeros + 1 : 0
            guard zeros == Self.separator.count else { continue }
            bytes.removeLast(zeros)
            return chunk[(index + 1)...]
        }
        return nil
    }
}

extension Headers.Name {
    package static let lambdaResponseMode: Self = "lambda-runtime-function-response-mode"
}
