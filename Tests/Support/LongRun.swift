import Glibc

/// How much work the tests that repeat themselves do.
enum LongRun {
    /// Set `LONG=1` in the environment for the thorough run.
    static let isOn = getenv("LONG") != nil
}
