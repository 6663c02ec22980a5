package import FunctionCore

/// A call of Lambda's Runtime API as a request (docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
package struct LambdaCall: Sendable {
    package let endpoint: Endpoint
    package internal(set) var headers: Headers = [:]
    package internal(set) var body: [UInt8] = []

    /// Where it goes: what the function calls, and the platform answers.
    package enum Endpoint: Hashable, Sendable {
        /// Asks for the next event, and waits for it.
        case next
        /// The answer to the event of this id.
        case response(String)
        /// There is no answer to the event of this id.
        case error(String)
        /// The function cannot start.
        case initError
        /// An extension of the process announces itself.
        case register
        /// An extension asks for what it has registered for.
        case extensionNext

        private static let runtime = "/2018-06-01/runtime/"

        /// The function's side: a call's method, and its path.
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

        /// The platform's side: what is called; nil if there is no such call.
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

    /// The answer to an event, whole.
    package static func response(id: String, _ bytes: [UInt8]) -> Self {
        Self(endpoint: .response(id), headers: [.contentType: "application/json"], body: bytes)
    }

    /// The answer to an event, of which more follows behind this prelude.
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

    /// Whether it is an answer to an event, and is posted whole.
    package var isWhole: Bool {
        if case .response = endpoint { headers[.lambdaResponseMode] == nil } else { false }
    }
}

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
