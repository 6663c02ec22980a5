public import FunctionEventLoop
public import StreamTokens

/// Mints for one key that begin in one turn of a loop, so that a store may do them together.
public struct SimultaneousMints: Sendable {
    public struct Mint: Sendable {
        let token: StreamToken
        let ttl: Int
        let policy: Policy?

        public init(token: StreamToken, ttl: Int, policy: Policy? = nil) {
            self.token = token
            self.ttl = ttl
            self.policy = policy
        }
    }

    let key: APIKey
    let mints: [Mint]

    public init(_ tokens: [StreamToken], with key: APIKey, ttl: Int = 60) {
        self.init(tokens.map { Mint(token: $0, ttl: ttl) }, with: key)
    }

    public init(_ mints: [Mint], with key: APIKey) {
        self.key = key
        self.mints = mints
    }

    /// The outcomes and errors, in the order of the mints. Without a loop one mint follows the other.
    public func results(
        on store: any TokenStore,
        _ loop: EventLoop?
    ) async -> [Result<MintOutcome, StoreError>] {
        if let loop { return await loop.performAtOnce(mints.count) { await result(of: mints[$0], on: store) } }
        var results: [Result<MintOutcome, StoreError>] = []
        for mint in mints { results.append(await result(of: mint, on: store)) }
        return results
    }

    private func result(of mint: Mint, on store: any TokenStore) async -> Result<MintOutcome, StoreError> {
        do throws(StoreError) {
            return .success(try await store.mint(mint.token, with: key, ttl: mint.ttl, policy: mint.policy))
        } catch {
            return .failure(error)
        }
    }

    /// The outcomes, in the order of the mints.
    public func outcomes(on store: any TokenStore, _ loop: EventLoop?) async throws -> [MintOutcome] {
        try await results(on: store, loop).map { try $0.get() }
    }
}

extension EventLoop {
    /// Begins `operation` for each number below `count` in one turn, in their order. Returns the values in that order.
    public func performAtOnce<Value: Sendable>(
        _ count: Int,
        _ operation: @escaping @Sendable (Int) async -> Value
    ) async -> [Value] {
        let values = Lock([Value?](repeating: nil, count: count))
        await start {
            await withTaskGroup(of: Void.self) { group in
                for index in 0..<count {
                    group.addTask {
                        let value = await operation(index)
                        values.withLock { $0[index] = value }
                    }
                }
            }
        }.value
        return values.withLock { $0.compactMap { $0 } }
    }
}
