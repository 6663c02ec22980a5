import Glibc

/// How the time that some work takes grows with its input, told by the thread's own CPU time: a busy machine changes
/// nothing about it.
public enum Growth {
    /// How many times as much time an input of `factor` times the size takes, divided by `factor`: about 1 where the
    /// work is linear, `factor` where it is quadratic.
    ///
    /// Each size is tried until its best time is good enough or three tries are through: caches and the allocator can
    /// make a try slower, never faster.
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
            // What takes less than this is not measured, and of no concern.
            growth = best.1 / max(best.0, 20_000) / Double(factor)
        }
        return growth
    }

    /// Over this the work takes more than linear time: far from 1, where linear work is, and from 16.
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
