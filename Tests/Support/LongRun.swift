import Glibc

/// How much work the tests that repeat themselves do.
public enum LongRun {
    /// Set `LONG=1` in the environment for the thorough run.
    public static let isOn = getenv("LONG") != nil
}
