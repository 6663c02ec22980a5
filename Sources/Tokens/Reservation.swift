/// What a reservation tells of the token.
public struct Reservation: Hashable, Sendable {
    /// The organization's name.
    public let organization: String
    /// The stream this becomes when it is committed.
    public let stream: OpenStream

    public init(organization: String, stream: OpenStream) {
        self.organization = organization
        self.stream = stream
    }
}
