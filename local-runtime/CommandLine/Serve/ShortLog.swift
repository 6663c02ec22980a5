import FunctionCore
import LocalRuntimeConsole

/// The functions' log for a person: a short line for each JSON line.
enum ShortLog {
    /// Members that are left out.
    private static let hidden: Set = ["time", "level", "message", "request_id", "trace_id"]

    /// The short form of complete log lines. A line that is not a JSON object stays as it is.
    static func lines(of log: [UInt8], for output: Output) -> [UInt8] {
        log.split(separator: UInt8(ascii: "\n")).flatMap { line -> [UInt8] in
            guard let json = try? JSONReader.read(Array(line)), case .object(let members) = json else {
                return Array(line) + [UInt8(ascii: "\n")]
            }
            return Array((ShortLog.line(of: members, for: output) + "\n").utf8)
        }
    }

    private static func line(of members: [JSON.Member], for output: Output) -> String {
        var values: [String: JSON] = [:]
        for member in members { values[member.name] = member.value }
        guard text(values["message"]) == "request", case .number(let number)? = values["status"],
            let status = Int(exactly: number)
        else {
            let level = text(values["level"])
            let rest = members.filter { !hidden.contains($0.name) }.map { "\($0.name): \(text($0.value))" }
            let color: Output.Color? = level == "error" ? .red : level == "warning" ? .yellow : nil
            let start = color.map { output.colored(level, $0) } ?? level
            return ([start + "  " + text(values["message"])] + rest).joined(separator: "  ")
        }
        var parts = [output.colored("\(status)", status < 400 ? .green : status < 500 ? .yellow : .red)]
        parts.append("\(text(values["method"])) \(text(values["path"]))")
        if case .number(let duration)? = values["duration_us"], let microseconds = Int(exactly: duration) {
            parts.append(microseconds < 1000 ? "\(microseconds) µs" : "\(microseconds / 1000) ms")
        }
        if values["incomplete"] != nil { parts.append(output.colored("broke off", .red)) }
        if let cause = values["cause"] { parts.append(text(cause)) }
        return parts.joined(separator: "  ")
    }

    private static func text(_ value: JSON?) -> String {
        switch value {
        case nil: ""
        case .string(let text)?: Shown.line(text)
        case let value?: Shown.line(value.description)
        }
    }
}
