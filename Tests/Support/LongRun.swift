public import EventLoop
import Glibc

/// How much work the tests that repeat themselves do.
public enum LongRun {
    /// Set `LONG=1` in the environment for the thorough run.
    public static let isOn = getenv("LONG") != nil

    /// What tests that run beside others may take longer than what they measure: in the thorough run they run one by one.
    public static let margin = isOn ? Interval.seconds(0) : .seconds(2)
}
