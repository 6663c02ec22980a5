/// What came from the other side is no reply of Redis', or none that is accepted. The connection is of no more use.
public enum RedisProtocolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not RESP2, with hiredis' words for it.
    case malformed(String)
    /// A reply that announces more elements than ``ReplyReader/maximumElements`` in all.
    case tooManyElements
    /// A reply of more bytes than ``ReplyReader/maximumBytes``.
    case tooLarge
    /// A status, error, number or length over ``ReplyReader/maximumLineBytes``.
    case lineTooLong
    /// A reply that no command asked for.
    case unsolicited

    public var description: String {
        switch self {
        case .malformed(let reason): "what answered is not Redis, or speaks another protocol (\(reason))"
        case .tooManyElements: "a reply announced more than \(ReplyReader.maximumElements) elements"
        case .tooLarge: "a reply had more than \(ReplyReader.maximumBytes) bytes"
        case .lineTooLong: "a line of a reply had more than \(ReplyReader.maximumLineBytes) bytes"
        case .unsolicited: "a reply came that no command had asked for"
        }
    }
}
