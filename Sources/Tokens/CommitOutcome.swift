/// What became of a commit.
public enum CommitOutcome: Hashable, Sendable {
    case committed
    /// The attempt holds the token no longer: its lease ended, or the token was revoked. No stream may open.
    case lost
}
