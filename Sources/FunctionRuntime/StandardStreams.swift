import Glibc

/// The descriptors that a process inherits: standard input, output and error.
package enum StandardStreams {
    /// Opens those that are closed. Otherwise a connection could get descriptor 1 or 2, and receive what is printed.
    ///
    /// They are opened for the wrong direction, so that using them still fails as if they were closed.
    package static func keepOpen() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // open(2) takes the lowest free number, which is this one.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }
}
