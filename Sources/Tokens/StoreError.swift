/// Why a store gave no answer.
public struct StoreError: Error, Sendable, CustomStringConvertible {
    /// Whether the operation may have taken effect all the same.
    public let mayHaveBeenExecuted: Bool
    /// The reason, for an operator. Holds no secret.
    public let description: String

    public init(_ description: String, mayHaveBeenExecuted: Bool) {
        self.description = description
        self.mayHaveBeenExecuted = mayHaveBeenExecuted
    }
}
