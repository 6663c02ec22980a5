import Glibc

/// The name of the user who runs this process. Reads the file itself, because a static binary must not load the C
/// library's name service modules.
package enum UserName {
    /// The user's name in the file `users`; otherwise that of the environment; otherwise the user's number.
    package static func own(_ environment: [String: String], users: String = "/etc/passwd") -> String {
        let id = String(geteuid())
        if let name = name(of: id, in: users) { return name }
        return ["USER", "LOGNAME"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? id
    }

    /// The name in the first entry with that number (passwd(5)).
    static func name(of id: String, in file: String) -> String? {
        guard let bytes = try? Input.read(file: file, upTo: 1 << 20, takesPipes: false) else { return nil }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: 3, omittingEmptySubsequences: false)
            guard fields.count == 4, fields[2].elementsEqual(id.utf8), !fields[0].isEmpty else { continue }
            return String(decoding: fields[0], as: UTF8.self)
        }
        return nil
    }
}
