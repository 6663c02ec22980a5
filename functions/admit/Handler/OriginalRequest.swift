import FunctionBytes
import FunctionCore
import StreamTokens
import StreamTokensRedemption
import StreamTokensWorkflows

/// The request that a proxy asks about, as far as its question names it.
struct OriginalRequest {
    let method: Method
    /// The workflow that it is for; nil if it names none.
    let workflow: Substring?
    /// Its tokens, in all the places where a page can put one.
    let credential: BearerCredential
    /// Identifies it among all requests of the proxy; nil unless the proxy shows the secret.
    let id: String?
    /// A field that must be there once and is there several times, or may be: one of them may be the client's own.
    let ambiguousField: String?
    /// What the proxy does not do, for the operator.
    let faults: [ProxyFault]

    /// The field in which the proxy shows the secret.
    static let secretField: Headers.Name = "x-admit-secret"
    /// The subprotocol of a WebSocket that holds a token (RFC 6455, section 11.3.4), and how it begins.
    private static let protocolField: Headers.Name = "sec-websocket-protocol"
    private static let protocolPrefix = "stream-token."

    init(_ request: Request, _ options: AdmitOptions) {
        var faults: [ProxyFault] = []
        let headers = request.headers
        let uri = headers[options.uriField]?.string[...] ?? ""
        if uri.isEmpty { faults.append(.missing(options.uriField)) }
        // The URI in the field is as the client sent it, so nothing that a proxy reads differently is decoded here.
        let target = uri.utf8.prefix { $0 != UInt8(ascii: "#") }
        let path = target.prefix { $0 != UInt8(ascii: "?") }
        let query = target[path.endIndex...].dropFirst()

        if let name = headers[options.methodField].flatMap({ Method($0.string) }) {
            method = name
        } else {
            faults.append(.missing(options.methodField))
            method = request.method
        }
        if let field = options.workflowField {
            workflow = headers[field].map { $0.string[...] }.flatMap { WorkflowCall.isName($0) ? $0 : nil }
        } else {
            workflow = options.workflowPath?.workflow(in: Substring(path))
        }
        credential = StreamToken.credential(
            among: Self.tokens(in: query) + headers.bearerTokens + Self.protocolTokens(headers)
        )
        id = Self.id(of: request, options.secret, &faults)
        let single =
            [options.uriField, options.methodField, options.hostField] + [options.workflowField].compactMap(\.self)
        ambiguousField = single.first { Self.isAmbiguous($0, in: request) }?.string
        self.faults = faults
    }

    private static func isAmbiguous(_ field: Headers.Name, in request: Request) -> Bool {
        let values = request.headers.values(of: field)
        guard values.count == 1 else { return !values.isEmpty }
        return request.hasJoinedFields && values[0].string.utf8.contains(UInt8(ascii: ","))
    }

    /// The values of the parameter `token`, as they are written: what is encoded is not taken, because the proxy could
    /// not remove it.
    private static func tokens(in query: Substring.UTF8View) -> [Substring] {
        query.split(separator: UInt8(ascii: "&")).compactMap { parameter in
            parameter.starts(with: "token=".utf8) ? Substring(parameter.dropFirst("token=".utf8.count)) : nil
        }
    }

    private static func protocolTokens(_ headers: Headers) -> [Substring] {
        headers.values(of: protocolField).flatMap { value in
            value.string.utf8.split(separator: UInt8(ascii: ",")).compactMap { element in
                let name = element.withoutBlanksAround
                guard name.starts(with: protocolPrefix.utf8) else { return nil }
                return Substring(name.dropFirst(protocolPrefix.utf8.count))
            }
        }
    }

    private static func id(of request: Request, _ secret: ProxySecret?, _ faults: inout [ProxyFault]) -> String? {
        guard let secret else { return nil }
        guard let shown = request.headers[secretField]?.string, secret.isShown(by: shown) else {
            faults.append(.wrongSecret)
            return nil
        }
        let ids = request.headers.values(of: .xRequestID)
        guard let id = ids.first?.string, ids.count == 1, !id.isEmpty else {
            faults.append(.missing(.xRequestID))
            return nil
        }
        return id
    }
}

extension Request {
    /// Whether a browser fetches it before anybody wants it (HTML standard, section 7.4.2.1).
    var isPrefetch: Bool {
        headers.values(of: "sec-purpose").contains { $0.string.utf8.starts(with: "prefetch".utf8) }
    }
}
