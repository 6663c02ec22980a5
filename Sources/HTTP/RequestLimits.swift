/// How big a request may get before it is refused.
package struct RequestLimits: Sendable, Hashable {
    /// Bytes of the method; beyond them 501 (RFC 9112, section 3). The longest that is registered has 17.
    package var method: Int
    /// Bytes of the target; beyond them 414.
    package var target: Int
    /// Bytes of the head, line ends included; chunk extensions and trailers count too. Beyond them 431.
    package var head: Int
    /// Field lines, trailers included; beyond them 431.
    package var fields: Int
    /// Bytes of content; beyond them 413.
    package var body: Int

    package init(
        method: Int = 32,
        target: Int = 8 * 1024,
        head: Int = 16 * 1024,
        fields: Int = 100,
        body: Int = 1024 * 1024
    ) {
        self.method = method
        self.target = target
        self.head = head
        self.fields = fields
        self.body = body
    }
}
