/// What became of a reservation.
public enum ReserveOutcome: Hashable, Sendable {
    case reserved(Reservation)
    /// Unknown, expired, used or revoked: ``TokenStore/show(_:)`` tells which.
    case invalid
    /// Another attempt holds the token.
    case inUse
    /// The organization's credits are gone or held by others.
    case noCredits
    /// The organization has as many streams open or reserved as it may.
    case tooManyStreams
}
