import FunctionCore
package import FunctionEventLoop
import Glibc

/// The error that a caller gets when the function has failed.
package struct FunctionError: Hashable, Sendable {
    /// Lambda's code for every function error, in x-amz-function-error and InvokeComplete.
    package static let code = "Unhandled"

    /// `Runtime.ExitError`
    package let type: String
    /// JSON, from the function or from the platform.
    package let body: [UInt8]
    /// The platform's text for the log; nil if it logs nothing.
    package var logged: String?

    /// An error that the function reported itself.
    package static func told(type: String?, body: [UInt8]) -> FunctionError {
        FunctionError(type: known(type), body: body)
    }

    /// The invocation timed out.
    package static func timedOut(_ id: String, after limit: Interval) -> FunctionError {
        let text = "Task timed out after \(Report.hundredths(limit.nanoseconds / 10_000_000)) seconds"
        return platform("Sandbox.Timedout", "RequestId: \(id) Error: \(text)", logged: "\(id) \(text)")
    }

    /// The process ended.
    static func exited(_ id: String, _ exit: ChildExit) -> FunctionError {
        let text = "RequestId: \(id) Error: \(exit.text)"
        return platform("Runtime.ExitError", text, logged: text + "\nRuntime.ExitError")
    }

    /// The process could not be started.
    static func notStarted(_ id: String, _ reason: String) -> FunctionError {
        let text = "RequestId: \(id) Error: \(reason)"
        return platform("Runtime.InvalidEntrypoint", text, logged: text + "\nRuntime.InvalidEntrypoint")
    }

    /// The response has too many bytes.
    static func tooLarge(_ id: String, count: Int) -> FunctionError {
        let text =
            "Response payload size (\(count) bytes) exceeded maximum allowed payload size"
            + " (\(RuntimeAPI.responseLimit) bytes)."
        return platform("Function.ResponseSizeTooLarge", text, logged: "\(id) \(text)")
    }

    /// The response broke off.
    static func truncated(_ id: String) -> FunctionError {
        let text = "RequestId: \(id) Error: the response broke off"
        return platform("Runtime.TruncatedResponse", text, logged: text)
    }

    /// The function named a response mode that does not exist.
    static func invalidResponseMode(_ id: String) -> FunctionError {
        platform("Runtime.InvalidResponseModeHeader", "RequestId: \(id) Error: Invalid function response mode")
    }

    /// The emulator is shutting down.
    static func shutDown(_ id: String) -> FunctionError {
        platform("Sandbox.Shutdown", "RequestId: \(id) Error: the emulator is shutting down")
    }

    private static func platform(_ type: String, _ message: String, logged: String? = nil) -> FunctionError {
        var json = JSONWriter()
        json.object {
            $0.member("errorType", type)
            $0.member("errorMessage", message)
        }
        return FunctionError(type: type, body: json.finish(), logged: logged)
    }

    /// A type of any other form is replaced.
    private static func known(_ type: String?) -> String {
        guard let type else { return "Runtime.Unknown" }
        if type.wholeMatch(of: /(Runtime|Function)\.[A-Z][a-zA-Z]+/) != nil { return type }
        return type.hasPrefix("Function.") ? "Function.Unknown" : "Runtime.Unknown"
    }
}

/// How a process ended, as wait(2) reports it.
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

    /// strsignal(3) in lower case, for the signals that usually end a process.
    private static func name(ofSignal number: Int32) -> String {
        guard (1...9).contains(number) || [11, 13, 14, 15].contains(number) else { return "signal \(number)" }
        return String(cString: strsignal(number)).lowercased()
    }
}
