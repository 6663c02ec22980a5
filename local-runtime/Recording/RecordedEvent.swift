import FunctionCore
import LocalRuntimeFixtures

/// The event of a recorded call, in the short form.
enum RecordedEvent {
    /// Fields that a response can depend on. No others are kept; cookies, for example, may be private.
    private static let names: [Headers.Name] = [
        .authorization, .accept, .contentType, .origin, "access-control-request-method",
        "access-control-request-headers", "sec-websocket-protocol", "sec-purpose",
    ]

    /// The fields by which a request to a page's own origin is known, which has no Origin.
    private static let ownOrigin: [Headers.Name] = [.host, "sec-fetch-site"]

    /// The settings that name further such fields. What the proxy shows to prove itself is a secret, and not kept.
    private static let namingSettings = [
        "ADMIT_URI_HEADER", "ADMIT_METHOD_HEADER", "ADMIT_HOST_HEADER", "ADMIT_WORKFLOW_HEADER",
    ]
    private static let defaultFields: [Headers.Name] = ["x-original-uri", "x-original-method"]

    /// The fields that a response can depend on under these settings.
    static func fields(_ environment: [String: String]) -> [Headers.Name] {
        names + defaultFields + namingSettings.compactMap { environment[$0].flatMap { Headers.Name($0) } }
    }

    /// Keeps these fields. `body` is the part that the function read; the rest does not matter. With `keepsOwnOrigin`
    /// the response depends on where the page is.
    static func json(
        of request: Request,
        keeping fields: [Headers.Name],
        body: [UInt8],
        keepsOwnOrigin: Bool = false,
        _ secrets: inout Placeholders
    ) -> JSON {
        .object([
            "method": .string(request.method.name),
            "path": .string(secrets.replaced(inPath: request.path)),
            "query": request.query.map { .string(secrets.replaced(inQuery: $0)) },
            "headers": headers(
                request.headers,
                keepsOwnOrigin && request.headers[.origin] == nil ? fields + ownOrigin : fields,
                &secrets
            ),
            "body": body.isEmpty ? nil : .content(secrets.replaced(in: body)),
        ])
    }

    private static func headers(
        _ headers: Headers,
        _ names: [Headers.Name],
        _ secrets: inout Placeholders
    ) -> JSON? {
        var members: [JSON.Member] = []
        for name in names {
            let values = headers.values(of: name).map { value in
                JSON.string(
                    name == .authorization ? credentials(value.string, &secrets) : secrets.replaced(in: value.string)
                )
            }
            guard !values.isEmpty else { continue }
            members.append(.init(name: name.string, value: values.count == 1 ? values[0] : .array(values)))
        }
        return members.isEmpty ? nil : .object(members)
    }

    /// Keeps the scheme and replaces each word after it, because each may be a secret. Blanks stay as they are.
    private static func credentials(_ text: String, _ secrets: inout Placeholders) -> String {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        return words.enumerated().map { index, word in
            if index == 0, words.count > 1, ["bearer", "basic", "digest"].contains(word.lowercased()) {
                return String(word)
            }
            let replaced = secrets.replaced(in: String(word))
            return replaced == word && !word.isEmpty ? "credentials" : replaced
        }.joined(separator: " ")
    }
}
