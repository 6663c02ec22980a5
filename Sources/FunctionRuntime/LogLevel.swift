/// How much a log line matters.
public enum LogLevel: String, CaseIterable, Comparable, Sendable {
    case debug
    /// One line a request.
    case info
    case warning
    case error

    public static func < (left: LogLevel, right: LogLevel) -> Bool {
        left.rank < right.rank
    }

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}
