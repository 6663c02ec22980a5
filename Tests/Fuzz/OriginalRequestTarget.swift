import FunctionBytes
import FunctionCore
import StreamTokens
import StreamTokensRedemption
import StreamTokensWorkflows

/// Reads the input as the header fields of a proxy's question: a line each, whose first byte chooses the name.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOriginalRequest(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // libFuzzer's input, which lives as long as this call.
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    var question = Request(path: "/api/v1/admit")
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
        // A value has octets, each one scalar.
        let text = String(String.UnicodeScalarView(line.dropFirst().map { Unicode.Scalar($0) }))
        guard let first = line.first, let value = Headers.Value(text) else { continue }
        question.headers.append(names[Int(first) % names.count], value)
    }
    check(question, AdmitOptions())
    var options = AdmitOptions()
    options.workflowPath = WorkflowPath("/ws/{workflow}")
    options.secret = ProxySecret(secret)
    check(question, options)
    options.workflowField = "x-workflow"
    check(question, options)
    return 0
}

private let names: [Headers.Name] = [
    "x-original-uri", "x-original-method", "authorization", "sec-websocket-protocol", "x-workflow", "x-admit-secret",
    "x-request-id", "x-forwarded-uri",
]
private let secret = "a secret of the proxy"

private func check(_ question: Request, _ options: AdmitOptions) {
    let original = OriginalRequest(question, options)
    let uri = question.headers[options.uriField]?.string ?? ""

    if case .text(let found) = original.credential {
        let places: [(String, Headers.Name)] = [
            ("token=", "x-original-uri"), (" ", "authorization"), ("stream-token.", "sec-websocket-protocol"),
        ]
        precondition(
            places.contains { mark, name in
                question.headers.values(of: name).contains {
                    contains(Array($0.string.utf8), Array((mark + found).utf8))
                }
            },
            "a token that is in none of its places"
        )
    }
    if let workflow = original.workflow {
        precondition(WorkflowCall.isName(workflow))
        if options.workflowField == nil {
            let path = uri.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
            precondition(path.elementsEqual("/ws/\(workflow)".utf8), "a workflow of another path")
        }
    }
    precondition(original.id == nil || options.secret != nil, "the id of a request whose sender is unknown")

    for name in [options.uriField, options.methodField] where question.headers.values(of: name).count > 1 {
        precondition(original.ambiguousField != nil, "a field that is there twice")
    }
    var joined = question
    joined.hasJoinedFields = true
    if uri.utf8.contains(UInt8(ascii: ",")) {
        precondition(OriginalRequest(joined, options).ambiguousField != nil, "a field that may have been there twice")
    }

    // What only a client may have sent has no effect.
    var spoofed = question
    let other = "/ws/other?token=\(token)"
    spoofed.headers.append("x-forwarded-uri", Headers.Value(valid: other))
    spoofed.headers.append("x-rewrite-url", Headers.Value(valid: other))
    spoofed.path = "/api/v1/admit/ws/other"
    spoofed.query = "token=\(token)"
    let again = OriginalRequest(spoofed, options)
    precondition(again.workflow == original.workflow && again.method == original.method && again.id == original.id)
    precondition((try? StreamToken(again.credential)) == (try? StreamToken(original.credential)))
}

private let token = "pub_tok_Fixed1aStreamTokenOfAFixtureNumber011aZXa0"

private func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    text.count >= part.count && (0...text.count - part.count).contains { text[$0...].starts(with: part) }
}
