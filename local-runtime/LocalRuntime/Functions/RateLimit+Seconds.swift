import Tokens

extension RateLimit {
    /// The windows there are, in the whole seconds that people and fixtures write.
    static let windowsInSeconds = 1...windows.upperBound / 1000
}
