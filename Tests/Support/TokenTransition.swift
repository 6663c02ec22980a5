/// A step in a token's life: one for each arrow of the diagram that both stores implement.
public enum TokenTransition: CaseIterable, Sendable {
    /// absent → live
    case mint
    /// live → absent, by time
    case expiry
    /// live → reserved
    case reserve
    /// reserved → reserved, by the same attempt
    case reserveAgain
    /// reserved → reserved; another attempt is refused, because the token is in use
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
    /// reserved → used, without a charge, because the credits were lowered to none since the reservation
    case commitWithoutCredit
    /// used → used; the same attempt commits again
    case commitAgain
    /// A commit after its lease has ended is lost.
    case commitLostToLease
    /// A commit of a token that was revoked meanwhile is lost.
    case commitLostToRevocation
    /// live → used
    case admit
    /// live → reserved; the token has a policy
    case admitWithPolicy
    /// used → used; the same attempt is admitted again
    case admitAgain
    /// used → used; another attempt of the same request is admitted
    case admitAnother
    /// reserved → used, by an attempt of the request that holds it
    case admitReserved
    /// An admission is refused, because the token is in use.
    case admitInUse
    /// An admission is refused, because the token is used: by another request, or for too long
    case admitUsed
    /// used → used; a release changes nothing, because another attempt of its request was admitted too
    case releaseOfAdmissionOfBoth
    /// used → live; the credit is given back
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
    /// live → revoked, because its key is removed
    case revokeLiveWithRemovedKey
    /// reserved → revoked, because its key is removed
    case revokeReservedWithRemovedKey
    /// live → absent, with its organization
    case removeLiveWithOrganization
    /// reserved → absent, with its organization
    case removeReservedWithOrganization
    /// A commit is lost, because the organization was removed meanwhile.
    case commitLostToRemoval
    /// An open stream is renewed.
    case renew
    /// A renewal reports that the stream's token was revoked.
    case renewRevoked
    /// A renewal reports that all tokens of the organization or key were revoked.
    case renewOutdated
    /// A renewal reports that the organization is unknown.
    case renewForgotten
    /// reserved → reserved; its lease is renewed
    case renewReserved
    /// reserved → used, after its first lease would have ended
    case commitAfterRenewal
    /// reserved → live, by time, after its lease was renewed
    case leaseEndAfterRenewal
    /// A renewal reports that the lease of a reservation has ended.
    case renewLapsed
    /// A renewal reports that the reserved token was revoked.
    case renewReservedRevoked
    /// A renewal reports that all tokens of the reserved one's organization or key were revoked.
    case renewReservedOutdated
    /// A renewal reports that the organization of a reserved token is unknown.
    case renewReservedForgotten
    /// A reservation that was committed meanwhile is renewed as an open stream.
    case renewCommitted
    /// An open stream is removed from its organization's count.
    case end
    /// absent → live, with a policy
    case mintWithPolicy
    /// A mint is refused, because its key requires a policy.
    case mintRequiringPolicy
    /// live → live; a repeated mint with another policy, or with none, leaves the first one
    case mintWithAnotherPolicy
    /// live → reserved; the policy comes with the reservation
    case reserveWithPolicy
    /// reserved → live; the token remembers why its policy refused the attempt
    case releaseByPolicy
    /// used → live, with its policy
    case releaseOfCommitWithPolicy
    /// A used token's policy is forgotten at its expiry, the token is not.
    case policyForgotten
}
