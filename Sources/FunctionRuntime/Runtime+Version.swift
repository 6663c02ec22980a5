extension Runtime {
    /// The version of this package, followed by ` with TLS` if the build has TLS.
    ///
    /// `script/version` reads it from here, and checks the places that repeat it.
    public static let version = "0.2.0\(variant)"

    #if TLS
    private static let variant = " with TLS"
    #else
    private static let variant = ""
    #endif
}
