/// A step that a token can take in its life: every arrow of the diagram that both stores are built to.
public enum TokenTransition: CaseIterable, Sendable {
    /// absent → live
    case mint
    /// live → absent, by time
    case expiry
    /// live → reserved
    case reserve
    /// reserved → reserved, by the same attempt
    case reserveAgain
    /// reserved → reserved, another attempt being told that the token is in use
    case reserveInUse
    /// reserved → live, by time
    case leaseEnd
    /// reserved → absent, by time
    case leaseEndAfterExpiry
    /// reserved → live
    case release
    /// reserved → absent, by a release
    case releaseAfterExpiry
    /// reserved → used
    case commit
    /// reserved → used, charging nothing: the credits were lowered to none since the reservation
    case commitWithoutCredit
    /// used → used, the same attempt being told again that it has committed
    case commitAgain
    /// An attempt whose lease has ended is told that its commit is lost.
    case commitLostToLease
    /// An attempt whose token was revoked meanwhile is told that its commit is lost.
    case commitLostToRevocation
    /// used → live, the credit given back
    case releaseOfCommit
    /// used → absent, by a release
    case releaseOfCommitAfterExpiry
    /// used → absent, by time
    case forgotten
    /// live → revoked
    case revokeLive
    /// reserved → revoked
    case revokeReserved
    /// used → revoked
    case revokeUsed
    /// live → revoked, with all of its organization
    case revokeLiveWithOrganization
    /// reserved → revoked, with all of its organization
    case revokeReservedWithOrganization
    /// live → revoked, with all of its key
    case revokeLiveWithKey
    /// reserved → revoked, with all of its key
    case revokeReservedWithKey
    /// live → revoked, its key being removed
    case revokeLiveWithRemovedKey
    /// reserved → revoked, its key being removed
    case revokeReservedWithRemovedKey
    /// live → absent, with its organization
    case removeLiveWithOrganization
    /// reserved → absent, with its organization
    case removeReservedWithOrganization
    /// An attempt whose organization was removed meanwhile is told that its commit is lost.
    case commitLostToRemoval
    /// An open stream is renewed.
    case renew
    /// An open stream is told that its token was revoked.
    case renewRevoked
    /// An open stream is told that all tokens of its organization or key were revoked.
    case renewOutdated
    /// An open stream is told that nothing is known of its organization.
    case renewForgotten
    /// An open stream is taken off its organization's count.
    case end
}
