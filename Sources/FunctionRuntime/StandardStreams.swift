import Glibc

/// The descriptors that a process has from whoever started it.
package enum StandardStreams {
    /// Opens those that are closed, so that no connection gets their numbers, which what is printed would then go to.
    ///
    /// They are opened the wrong way round: to read or write them fails as if they were still closed.
    package static func keepOpen() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest number that is free, which is this one.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }
}
