public import FunctionEventLoop
import Glibc

/// How much work repetitive tests do.
public enum LongRun {
    /// Set `LONG=1` in the environment for the thorough run.
    public static let isOn = getenv("LONG") != nil

    /// How much longer than its limit something may take on a machine that also does other work, such as other tests or
    /// fuzzing.
    public static let margin = Interval.seconds(2)
}
