import FunctionBytes
import FunctionCore
import StreamTokens

/// The response to a mint, byte for byte. Error responses are in TokenErrors.swift.
enum MintResponse {
    static func minted(_ token: String, ttl: Int, _ rate: Rate) -> Response {
        // Nothing in a token needs escaping.
        var body: [UInt8] = []
        body.reserveCapacity(112)
        body += #"{"success":true,"token":""#.utf8
        body += token.utf8
        body += #"","ttl":"#.utf8
        body.append(decimal: ttl)
        body.append(UInt8(ascii: "}"))
        var response = Response(.ok, headers: .common(.json), body: .bytes(body))
        response.tell(rate)
        return response
    }
}

extension Response {
    /// Adds the state of the key's rate limit, and how long to wait if it is used up.
    mutating func tell(_ rate: Rate) {
        headers.append(.rateLimit, Headers.Value(rate.limit))
        headers.append(.rateRemaining, Headers.Value(rate.remaining))
        guard status == .tooManyRequests else { return }
        headers.append(.retryAfter, Headers.Value((rate.retryAfter + 999) / 1000))
    }
}

extension Headers.Name {
    fileprivate static let rateLimit: Self = "x-ratelimit-limit"
    fileprivate static let rateRemaining: Self = "x-ratelimit-remaining"
}
