public import FunctionEventLoop
import Glibc

/// How much work the tests that repeat themselves do.
public enum LongRun {
    /// Set `LONG=1` in the environment for the thorough run.
    public static let isOn = getenv("LONG") != nil

    /// What something may take longer than it is measured to, on a machine that does other things besides: other tests,
    /// or fuzzing.
    public static let margin = Interval.seconds(2)
}
