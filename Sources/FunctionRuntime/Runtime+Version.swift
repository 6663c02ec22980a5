extension Runtime {
    /// The version of this package, which everything built from it tells; and whether TLS is in it.
    public static let version = "0.1.0\(variant)"

    #if TLS
    private static let variant = " with TLS"
    #else
    private static let variant = ""
    #endif
}
