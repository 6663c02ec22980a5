/// An organization as it stands.
public struct Organization: Hashable, Sendable {
    /// How many streams a new organization may have open at once.
    package static let standardMaxStreams = 100

    public let name: String
    public let tag: Tag
    /// Streams that may still be opened; nil is unlimited.
    public let credits: Int?
    public let maxStreams: Int
    /// Credits held by reservations, and streams open now.
    public let held: Int
    public let open: Int

    public init(name: String, tag: Tag, credits: Int?, maxStreams: Int, held: Int, open: Int) {
        self.name = name
        self.tag = tag
        self.credits = credits
        self.maxStreams = maxStreams
        self.held = held
        self.open = open
    }
}
