package import StreamTokens

extension RateLimit {
    /// The windows there are, in the whole seconds that people and fixtures write.
    package static let windowsInSeconds = 1...windows.upperBound / 1000

    /// A limit whose window is `seconds`; what is nil is as in the standard one.
    package init(limit: Int?, seconds: Int?) {
        self.init(
            limit: limit ?? Self.standard.limit,
            window: seconds.map { $0 * 1000 } ?? Self.standard.window
        )
    }

    /// The window in seconds.
    package var seconds: Double { Double(window) / 1000 }
}
