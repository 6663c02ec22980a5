import Glibc

/// Who runs this process, without the C library's modules for names, which a static binary must not load.
package enum UserName {
    /// What the file `users` calls the user; else what the environment does; else the number.
    package static func own(_ environment: [String: String], users: String = "/etc/passwd") -> String {
        let id = String(geteuid())
        if let name = name(of: id, in: users) { return name }
        return ["USER", "LOGNAME"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? id
    }

    /// The first entry with that number (passwd(5)).
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
