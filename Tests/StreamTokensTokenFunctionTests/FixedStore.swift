import StreamTokens

/// A store that gives every mint the same answer.
struct FixedStore: TokenStore {
    let answer: Result<MintOutcome, StoreError>

    func mint(_ token: StreamToken, with key: APIKey, ttl: Int) throws(StoreError) -> MintOutcome {
        try answer.get()
    }

    func check(_ token: StreamToken) -> ReserveRefusal? { .invalid(.unknown) }
    func reserve(_ token: StreamToken, for attempt: Attempt, lease: Int) -> ReserveOutcome {
        .refused(.invalid(.unknown))
    }
    func commit(_ token: StreamToken, for attempt: Attempt) -> CommitOutcome { .lost }
    func release(_ token: StreamToken, for attempt: Attempt) {}
    func renew(_ streams: [OpenStream], of tag: Tag) -> [LostStream] { [] }
    func end(_ attempt: Attempt, of tag: Tag) {}
    func revoke(_ token: StreamToken) -> TokenState { .unknown }
    func show(_ token: StreamToken) -> TokenState { .unknown }
    func ping() {}
}
