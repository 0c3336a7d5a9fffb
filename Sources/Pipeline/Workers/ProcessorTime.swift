internal import Glibc

/// Processor time that was used so far, seconds.
public enum ProcessorTime {
    /// By this process, all its threads.
    public static var process: Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }
    /// By this thread.
    public static var thread: Double { seconds(CLOCK_THREAD_CPUTIME_ID) }

    /// By child processes that have ended and were waited for.
    public static var children: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6
    }

    /// By all other threads of this process: a video encoder's own, while nothing else runs.
    static var others: Double { process - thread }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
