import Glibc

/// Reports a crash as one JSON line on standard error. A static binary would otherwise crash without a word.
enum CrashHandler {
    private static let signals = [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT]

    /// Installs the handler, with a separate stack so that it also works after a stack overflow.
    static func install() {
        var stack = stack_t()
        stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: 64 * 1024, alignment: 16)
        stack.ss_size = 64 * 1024
        sigaltstack(&stack, nil)
        var action = sigaction()
        action.sa_flags = Int32(SA_ONSTACK) | Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_NODEFER
        // Only constants, and write(2) and raise(3), which are async-signal-safe (signal-safety(7)).
        action.__sigaction_handler.sa_handler = { signal in
            let line: StaticString =
                switch signal {
                case SIGSEGV: "{\"level\":\"error\",\"message\":\"crashed\",\"signal\":\"SIGSEGV\"}\n"
                case SIGBUS: "{\"level\":\"error\",\"message\":\"crashed\",\"signal\":\"SIGBUS\"}\n"
                case SIGILL: "{\"level\":\"error\",\"message\":\"crashed\",\"signal\":\"SIGILL\"}\n"
                case SIGTRAP: "{\"level\":\"error\",\"message\":\"crashed\",\"signal\":\"SIGTRAP\"}\n"
                case SIGFPE: "{\"level\":\"error\",\"message\":\"crashed\",\"signal\":\"SIGFPE\"}\n"
                default: "{\"level\":\"error\",\"message\":\"crashed\",\"signal\":\"SIGABRT\"}\n"
                }
            _ = write(STDERR_FILENO, line.utf8Start, line.utf8CodeUnitCount)
            // SA_RESETHAND has restored the default action, so that the process still ends by the signal.
            raise(signal)
        }
        for signal in signals { sigaction(signal, &action, nil) }
    }
}
