/// How big a request may get before it is refused.
package struct RequestLimits: Sendable, Hashable {
    /// Bytes of the target; beyond them 414.
    package var target: Int
    /// Bytes of the head, line ends included; chunk extensions and trailers count too. Beyond them 431.
    package var head: Int
    /// Field lines, trailers included; beyond them 431.
    package var fields: Int
    /// Bytes of content; beyond them 413.
    package var body: Int

    package init(target: Int = 8 * 1024, head: Int = 16 * 1024, fields: Int = 100, body: Int = 1024 * 1024) {
        self.target = target
        self.head = head
        self.fields = fields
        self.body = body
    }
}
