/// Uniformly random bits, 64 at a time: the only randomness there is here, and it is handed in.
public typealias RandomBits = @Sendable () -> UInt64
