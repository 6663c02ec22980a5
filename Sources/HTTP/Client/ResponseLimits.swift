/// How big a response's head may get before it is refused. Content has no limit: it is never collected.
package struct ResponseLimits: Sendable, Hashable {
    /// Bytes of the head, line ends and interim responses included; chunk extensions and trailers count too.
    package var head: Int
    /// Field lines, those of interim responses and trailers included.
    package var fields: Int

    /// Four times what a request may have: application servers and the proxies before them add cookies, policies and
    /// traces by the kilobyte.
    package init(head: Int = 64 * 1024, fields: Int = 256) {
        self.head = head
        self.fields = fields
    }
}
