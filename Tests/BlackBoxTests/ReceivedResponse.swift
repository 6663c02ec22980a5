/// The response to a request.
struct ReceivedResponse: Sendable {
    let status: Int
    /// The status line and the fields, in lower case.
    let head: String
    /// The content, without the framing of chunks.
    let body: String
    /// Whether the content is complete, and not only the connection at its end.
    let isWhole: Bool

    func field(_ name: String) -> String? {
        head.split(separator: "\r\n").first { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
    }

    /// The token in the response to a mint.
    var token: String? {
        body.firstMatch(of: /^\{"success":true,"token":"(pub_tok_[0-9A-Za-z]{42})","ttl":60\}$/).map { String($0.1) }
    }

    /// The code of an error, in the response or in its last event.
    var code: String? {
        body.matches(of: /"code":"([a-z_]+)"/).last.map { String($0.1) }
    }
}
