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

    public init(_ refusal: ReserveRefusal) {
        switch refusal {
        case .invalid: self = .invalid
        case .inUse: self = .inUse
        case .noCredits: self = .noCredits
        case .tooManyStreams: self = .tooManyStreams
        }
    }
}

/// Why a token cannot be reserved, in the words of ``ReserveOutcome``.
public enum ReserveRefusal: Hashable, Sendable {
    case invalid
    case inUse
    case noCredits
    case tooManyStreams
}
