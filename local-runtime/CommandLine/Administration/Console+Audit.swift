import Foundation
import FunctionBytes
import FunctionCore
import FunctionEventLoop
import LocalRuntimeConsole

extension Console {
    /// What the help says of it.
    static let auditHelp = "With AUDIT_LOG=on a JSON line on standard error tells what was done, and by whom."

    /// Says in a line for the audit what was done, in the form that the functions' own lines have, if AUDIT_LOG is on.
    ///
    /// `members` adds to the event and the user: whoever became another one by sudo is told as who he was.
    func audit(_ event: String, _ members: (inout JSONWriter) -> Void) {
        guard environment["AUDIT_LOG"] == "on" else { return }
        var json = JSONWriter()
        json.object {
            $0.member("time", CalendarTime.rfc3339(milliseconds: WallClock.milliseconds))
            $0.member("level", "info")
            $0.member("message", "audit")
            $0.member("event", event)
            $0.member("user", environment["SUDO_USER"] ?? NSUserName())
            members(&$0)
        }
        messages.line(String(decoding: json.finish(), as: UTF8.self))
    }
}
