/// How a process ended, as wait(2) tells it.
package struct ChildExit: Hashable, Sendable {
    package let status: Int32

    /// In Lambda's words.
    package var text: String {
        let signal = status & 0x7F
        if signal != 0 {
            let dumped = status & 0x80 != 0 ? " (core dumped)" : ""
            return "Runtime exited with error: signal: \(Self.name(ofSignal: signal))\(dumped)"
        }
        let code = status >> 8 & 0xFF
        guard code != 0 else { return "Runtime exited without providing a reason" }
        return "Runtime exited with error: exit status \(code)"
    }

    /// signal(7), in lower case.
    private static func name(ofSignal number: Int32) -> String {
        switch number {
        case 1: "hangup"
        case 2: "interrupt"
        case 3: "quit"
        case 4: "illegal instruction"
        case 5: "trace/breakpoint trap"
        case 6: "aborted"
        case 7: "bus error"
        case 8: "floating point exception"
        case 9: "killed"
        case 11: "segmentation fault"
        case 13: "broken pipe"
        case 14: "alarm clock"
        case 15: "terminated"
        default: "signal \(number)"
        }
    }
}
