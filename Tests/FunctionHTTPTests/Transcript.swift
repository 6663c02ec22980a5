import FunctionCore
import FunctionHTTP

/// The result of parsing an input: the messages, complete or not, and the error at its end.
struct Transcript: Hashable, Sendable {
    struct Message: Hashable, Sendable {
        let head: RequestHead
        var content: [UInt8] = []
        var trailers: [String] = []
        var isComplete = false
    }

    var messages: [Message] = []
    var error: RequestError?
    /// Whether the parser is idle at the end: no message is incomplete.
    var isIdle = false

    /// Parses the pieces one after the other.
    init(of pieces: [ArraySlice<UInt8>], limits: RequestLimits = RequestLimits()) {
        var parser = RequestParser(limits: limits)
        for piece in pieces {
            let piece = Array(piece)
            var consumed = 0
            do throws(RequestError) {
                while let event = try parser.next(piece.span, consumed: &consumed) {
                    switch event {
                    case .head(let head): messages.append(Message(head: head))
                    case .body(let range): messages[messages.count - 1].content += piece[range]
                    case .end:
                        messages[messages.count - 1].isComplete = true
                        messages[messages.count - 1].trailers = parser.trailers.fields.map { "\($0.name): \($0.value)" }
                    }
                }
            } catch {
                self.error = error
                return
            }
        }
        isIdle = parser.isIdle
    }

    init(_ text: String, limits: RequestLimits = RequestLimits()) {
        self.init(of: [Array(text.utf8)[...]], limits: limits)
    }
}

/// A GET with a Host and the given lines.
func get(_ lines: String...) -> String {
    "GET / HTTP/1.1\r\nHost: a\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
}

/// A chunked POST with the given chunks.
func chunked(_ content: String) -> String {
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + content
}
