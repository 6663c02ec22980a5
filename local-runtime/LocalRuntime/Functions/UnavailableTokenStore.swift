import Tokens

/// A store that is down: it answers nothing.
struct UnavailableTokenStore: TokenStore {
    private let reason = StoreError("the fixture says that the store is down", mayHaveBeenExecuted: false)

    func mint(_ token: StreamToken, with key: APIKey, ttl: Int) throws(StoreError) -> MintOutcome { throw reason }

    func reserve(_ token: StreamToken, for attempt: Attempt, lease: Int) throws(StoreError) -> ReserveOutcome {
        throw reason
    }

    func commit(_ token: StreamToken, for attempt: Attempt) throws(StoreError) -> CommitOutcome { throw reason }

    func release(_ token: StreamToken, for attempt: Attempt) throws(StoreError) { throw reason }

    func renew(_ streams: [OpenStream], of tag: Tag) throws(StoreError) -> [Attempt] { throw reason }

    func end(_ attempt: Attempt, of tag: Tag) throws(StoreError) { throw reason }

    func revoke(_ token: StreamToken) throws(StoreError) -> TokenState { throw reason }

    func show(_ token: StreamToken) throws(StoreError) -> TokenState { throw reason }

    func ping() throws(StoreError) { throw reason }
}
