/// A store in memory: the model of what a store does, and enough for a first try.
public actor MemoryTokenStore {
    /// `clock` gives milliseconds since 1970.
    public init(clock: @escaping @Sendable () -> Int) {}
    /// Moves this store's clock on.
    public func advance(milliseconds: Int) {}
}
