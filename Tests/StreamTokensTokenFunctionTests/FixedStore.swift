import StreamTokens

/// A store in which every mint has the same outcome.
struct FixedStore: TokenStore {
    let outcome: Result<MintOutcome, StoreError>

    func mint(_ token: StreamToken, with key: APIKey, ttl: Int, policy: Policy?) throws(StoreError) -> MintOutcome {
        try outcome.get()
    }

    func check(_ token: StreamToken) -> ReserveRefusal? { .invalid(.unknown) }
    func reserve(_ token: StreamToken, for attempt: Attempt, lease: Int) -> ReserveOutcome {
        .refused(.invalid(.unknown))
    }
    func commit(_ token: StreamToken, for attempt: Attempt, countsAsOpen: Bool) -> CommitOutcome { .lost }
    func admit(_ token: StreamToken, for attempt: Attempt) -> AdmitOutcome { .refused(.invalid(.unknown)) }
    func release(_ token: StreamToken, for attempt: Attempt, refusal: PolicyRefusal?) {}
    func renew(_ streams: [OpenStream], reserved: [OpenStream], of tag: Tag) -> [LostStream] { [] }
    func end(_ attempt: Attempt, of tag: Tag) {}
    func revoke(_ token: StreamToken) -> TokenState { .unknown }
    func inspect(_ token: StreamToken) -> TokenDetails { TokenDetails(.unknown) }
    func ping() {}
}
