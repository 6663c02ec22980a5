import Glibc

/// How the time of some work grows with its input, measured as the thread's own CPU time, so that a busy machine does
/// not matter.
public enum Growth {
    /// How many times as long the work takes for an input of `factor` times the size, divided by `factor`: about 1 if
    /// the work is linear, `factor` if it is quadratic.
    ///
    /// Each size is tried until its best time is good enough, at most three times: caches and the allocator can make a
    /// try slower, never faster.
    public static func ofTime<Input>(
        from small: Int = 2048,
        by factor: Int = 16,
        _ input: (Int) -> Input,
        _ work: (Input) -> Void
    ) -> Double {
        let inputs = (input(small), input(small * factor))
        var best = (Double.infinity, Double.infinity)
        var growth = Double.infinity
        for _ in 0..<3 where growth > 1.5 {
            best.0 = min(best.0, time { work(inputs.0) })
            best.1 = min(best.1, time { work(inputs.1) })
            // Shorter times cannot be measured, and do not matter.
            growth = best.1 / max(best.0, 20_000) / Double(factor)
        }
        return growth
    }

    /// Above this, the work takes more than linear time. Far from both 1, which is linear, and 16, which is quadratic.
    public static let limit = 5.0

    /// The thread's CPU time of `work`, in nanoseconds.
    private static func time(_ work: () -> Void) -> Double {
        let start = now
        work()
        return now - start
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}
