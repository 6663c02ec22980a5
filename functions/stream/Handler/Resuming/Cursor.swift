import FunctionBytes
import FunctionCore
import StreamTokens

/// A place in a resumable stream, as its client names it: the number of the last event that it has got, and what only
/// the receiver of the stream can know.
///
/// The id of each event is `<front>;<number>.<secret>`. EventSource sends the last one back when it reconnects (HTML
/// standard, section 9.2.3), so that it resumes without any code. The front is the workflow's.
struct Cursor: Hashable, Sendable {
    /// 0 is the beginning.
    let number: Int
    let secret: RunSecret

    private static let separator = UInt8(ascii: ";")
    private static let dot = UInt8(ascii: ".")
    /// More events than any run can have.
    private static let maxDigits = 15

    init(number: Int, secret: RunSecret) {
        self.number = number
        self.secret = secret
    }

    /// The cursor in the Last-Event-ID of a request; nil if there is none.
    init?(in request: Request) {
        guard let id = request.headers[StreamEnd.lastEventID]?.string else { return nil }
        self.init(id)
    }

    /// The cursor at the end of an event's id; nil if there is none.
    init?(_ id: String) {
        let bytes = id.utf8
        // The front may have semicolons too.
        guard let start = bytes.lastIndex(of: Self.separator) else { return nil }
        let rest = bytes[bytes.index(after: start)...]
        guard let end = rest.firstIndex(of: Self.dot) else { return nil }
        let digits = rest[..<end]
        guard (1...Self.maxDigits).contains(digits.count), digits.allSatisfy(\.isDigit),
            let number = Int(String(Substring(digits))), let secret = RunSecret(rest[rest.index(after: end)...])
        else { return nil }
        self.number = number
        self.secret = secret
    }

    /// Appends the field `id` of the event `number`, with its line end.
    static func append(_ number: Int, of secret: RunSecret, behind front: String, to bytes: inout [UInt8]) {
        bytes += "id: ".utf8
        bytes += front.utf8
        bytes.append(separator)
        bytes.append(decimal: number)
        bytes.append(dot)
        bytes += secret.text.utf8
        bytes.append(UInt8(ascii: "\n"))
    }
}
