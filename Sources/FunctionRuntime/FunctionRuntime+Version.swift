extension FunctionRuntime {
    /// The version of this package, which everything built from it tells.
    public static let version = "0.1.0"
}
