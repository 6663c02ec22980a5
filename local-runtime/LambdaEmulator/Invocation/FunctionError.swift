import FunctionCore
package import FunctionEventLoop
import Glibc

/// What the caller of a function is told where it has failed.
package struct FunctionError: Hashable, Sendable {
    /// What Lambda calls every error that a function ends with, in x-amz-function-error and InvokeComplete.
    package static let code = "Unhandled"

    /// `Runtime.ExitError`
    package let type: String
    /// JSON, as the function told it or the platform does.
    package let body: [UInt8]
    /// What the log says of it, besides the function's own lines; nil if that is nothing.
    package var logged: String?

    /// What the function has told by itself.
    package static func told(type: String?, body: [UInt8]) -> FunctionError {
        FunctionError(type: known(type), body: body)
    }

    /// Its time is up.
    package static func timedOut(_ id: String, after limit: Interval) -> FunctionError {
        let text = "Task timed out after \(Report.hundredths(limit.nanoseconds / 10_000_000)) seconds"
        return platform("Sandbox.Timedout", "RequestId: \(id) Error: \(text)", logged: "\(id) \(text)")
    }

    /// Its process has ended.
    static func exited(_ id: String, _ exit: ChildExit) -> FunctionError {
        let text = "RequestId: \(id) Error: \(exit.text)"
        return platform("Runtime.ExitError", text, logged: text + "\nRuntime.ExitError")
    }

    /// It could not be started.
    static func notStarted(_ id: String, _ reason: String) -> FunctionError {
        let text = "RequestId: \(id) Error: \(reason)"
        return platform("Runtime.InvalidEntrypoint", text, logged: text + "\nRuntime.InvalidEntrypoint")
    }

    /// Its answer has too many bytes.
    static func tooLarge(_ id: String, count: Int) -> FunctionError {
        let text =
            "Response payload size (\(count) bytes) exceeded maximum allowed payload size"
            + " (\(RuntimeAPI.responseLimit) bytes)."
        return platform("Function.ResponseSizeTooLarge", text, logged: "\(id) \(text)")
    }

    /// Its answer did not arrive whole.
    static func truncated(_ id: String) -> FunctionError {
        let text = "RequestId: \(id) Error: the response broke off"
        return platform("Runtime.TruncatedResponse", text, logged: text)
    }

    /// It asked for a response mode that there is not.
    static func invalidResponseMode(_ id: String) -> FunctionError {
        platform("Runtime.InvalidResponseModeHeader", "RequestId: \(id) Error: Invalid function response mode")
    }

    /// The emulator ends.
    static func shutDown(_ id: String) -> FunctionError {
        platform("Sandbox.Shutdown", "RequestId: \(id) Error: the emulator ends")
    }

    private static func platform(_ type: String, _ message: String, logged: String? = nil) -> FunctionError {
        var json = JSONWriter()
        json.object {
            $0.member("errorType", type)
            $0.member("errorMessage", message)
        }
        return FunctionError(type: type, body: json.finish(), logged: logged)
    }

    /// Types of other forms are not passed on.
    private static func known(_ type: String?) -> String {
        guard let type else { return "Runtime.Unknown" }
        if type.wholeMatch(of: /(Runtime|Function)\.[A-Z][a-zA-Z]+/) != nil { return type }
        return type.hasPrefix("Function.") ? "Function.Unknown" : "Runtime.Unknown"
    }
}

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

    /// strsignal(3), in lower case, for the signals that mostly end a process.
    private static func name(ofSignal number: Int32) -> String {
        guard (1...9).contains(number) || [11, 13, 14, 15].contains(number) else { return "signal \(number)" }
        return String(cString: strsignal(number)).lowercased()
    }
}
