/// What came back for a request.
struct Answer: Sendable {
    let status: Int
    /// Status line and fields, in lower case.
    let head: String
    /// The content, out of its chunks.
    let body: String
    /// Whether the end of the content came, and not just that of the connection.
    let isWhole: Bool

    func field(_ name: String) -> String? {
        head.split(separator: "\r\n").first { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
    }

    /// The token of a minted answer.
    var token: String? {
        body.firstMatch(of: /^\{"success":true,"token":"(pub_tok_[0-9A-Za-z]{42})","ttl":60\}$/).map { String($0.1) }
    }

    /// The code of an error, of an answer or of an event.
    var code: String? {
        body.matches(of: /"code":"([a-z_]+)"/).last.map { String($0.1) }
    }
}
