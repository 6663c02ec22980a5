import FunctionCore
import FunctionHTTP

/// The result of parsing an input: the head, the content, and how it ended.
struct ResponseTranscript: Hashable, Sendable {
    enum Ending: Hashable, Sendable {
        /// The response is complete, and this many bytes were left over.
        case complete(left: Int)
        /// The input ended before the response did.
        case unfinished
        case refused(ResponseError)
    }

    private(set) var head: ResponseHead?
    private(set) var content: [UInt8] = []
    private(set) var ending = Ending.unfinished

    /// Parses the pieces one after the other, then the connection's end.
    init(of pieces: [ArraySlice<UInt8>], to method: Method = .get, limits: ResponseLimits = ResponseLimits()) {
        var parser = ResponseParser(to: method, limits: limits)
        var left = pieces.reduce(0) { $0 + $1.count }
        for piece in pieces {
            let piece = Array(piece)
            var consumed = 0
            do throws(ResponseError) {
                while let event = try parser.next(piece.span, consumed: &consumed) {
                    switch event {
                    case .head(let head): self.head = head
                    case .body(let range): content += piece[range]
                    case .end:
                        ending = .complete(left: left - consumed)
                        return
                    }
                }
            } catch {
                ending = .refused(error)
                return
            }
            left -= piece.count
        }
        if parser.inputEnded() { ending = .complete(left: 0) }
    }

    init(_ text: String, to method: Method = .get, limits: ResponseLimits = ResponseLimits()) {
        self.init(of: [Array(text.utf8)[...]], to: method, limits: limits)
    }

    var error: ResponseError? {
        if case .refused(let error) = ending { error } else { nil }
    }
}
