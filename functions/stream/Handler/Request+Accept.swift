import Function

/// The media type that matters here.
enum MediaType: String {
    case eventStream = "text/event-stream"
}

extension Request {
    /// Whether Accept names the type itself, with a weight over 0 (RFC 9110, section 12.5.1). Ranges such as `*/*` do not
    /// count: what sends them does not ask for a stream of events.
    func accepts(_ type: MediaType) -> Bool {
        headers.values(of: .accept).contains { value in
            value.string.split(separator: ",").contains { element in
                let parts = element.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
                guard parts.first == type.rawValue else { return false }
                return !parts.dropFirst().contains {
                    $0.hasPrefix("q=0") && $0.dropFirst(3).allSatisfy { ".0".contains($0) }
                }
            }
        }
    }

    /// Whether a browser asks if it may send the real request (Fetch standard, section 3.2.2).
    var isPreflight: Bool {
        method == .options && headers[.origin] != nil && headers["access-control-request-method"] != nil
    }
}
