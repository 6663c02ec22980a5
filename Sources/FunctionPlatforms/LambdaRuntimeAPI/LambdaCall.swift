package import FunctionCore

/// A request to Lambda's Runtime API (docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
package struct LambdaCall: Sendable {
    package let endpoint: Endpoint
    package internal(set) var headers: Headers = [:]
    package internal(set) var body: [UInt8] = []

    /// The endpoints that a function calls.
    package enum Endpoint: Hashable, Sendable {
        /// Waits for the next event.
        case next
        /// Sends the response to the event with this id.
        case response(String)
        /// Reports that there is no response to the event with this id.
        case error(String)
        /// Reports that the function cannot start.
        case initError
        /// Registers an extension of the process.
        case register
        /// Waits for the next event of an extension.
        case extensionNext

        private static let runtime = "/2018-06-01/runtime/"

        /// The function's side: the method and path of the call.
        package var target: (method: Method, path: String) {
            switch self {
            case .next: (.get, Self.runtime + "invocation/next")
            case .response(let id): (.post, Self.runtime + "invocation/\(id)/response")
            case .error(let id): (.post, Self.runtime + "invocation/\(id)/error")
            case .initError: (.post, Self.runtime + "init/error")
            case .register: (.post, "/2020-01-01/extension/register")
            case .extensionNext: (.get, "/2020-01-01/extension/event/next")
            }
        }

        /// For the function's log.
        package var name: String { self == .next ? "next" : String(target.path.dropFirst(Self.runtime.count)) }

        /// The platform's side: the endpoint that is called; nil if there is no such endpoint.
        package init?(_ method: Method, _ path: String) {
            let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
            let id = parts.count == 5 ? parts[3] : ""
            let known: [Self] = [.next, .response(id), .error(id), .initError, .register, .extensionNext]
            let endpoint = known.first { $0.target.method == method && $0.target.path.hasSameBytes(as: path) }
            guard let endpoint else { return nil }
            self = endpoint
        }
    }

    package static let next = Self(endpoint: .next)

    /// The complete response to an event.
    package static func response(id: String, _ bytes: [UInt8]) -> Self {
        Self(endpoint: .response(id), headers: [.contentType: "application/json"], body: bytes)
    }

    /// The beginning of a streamed response to an event; its content follows.
    package static func streamedResponse(id: String, prelude: [UInt8]) -> Self {
        let headers: Headers = [
            .contentType: StreamPrelude.contentType, .lambdaResponseMode: StreamPrelude.responseMode,
        ]
        return Self(endpoint: .response(id), headers: headers, body: prelude)
    }

    package static func error(id: String, _ error: LambdaError) -> Self {
        Self(endpoint: .error(id), headers: error.headers, body: error.json)
    }

    package static func initError(_ error: LambdaError) -> Self {
        Self(endpoint: .initError, headers: error.headers, body: error.json)
    }

    /// Whether it is a complete response to an event.
    package var isWhole: Bool {
        if case .response = endpoint { headers[.lambdaResponseMode] == nil } else { false }
    }
}

/// Separates the prelude of a streamed response from its content. A function streams a prelude
/// (``PlatformEvent/encodePrelude(_:)``), eight NUL bytes, and the content
/// (docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html).
package struct StreamPrelude: Sendable {
    package static let contentType: Headers.Value = "application/vnd.awslambda.http-integration-response"
    /// The response mode of a streamed response.
    package static let responseMode: Headers.Value = "streaming"
    /// The bytes that end a prelude.
    package static let separator = [UInt8](repeating: 0, count: 8)
    /// Maximum length of a prelude, in bytes.
    package static let limit = 64 * 1024

    package private(set) var bytes: [UInt8] = []
    private var zeros = 0

    package init() {}

    /// Takes a chunk; returns the part of it that is content, or nil while the prelude is incomplete.
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
