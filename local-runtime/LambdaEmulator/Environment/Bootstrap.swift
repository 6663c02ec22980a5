import Glibc
package import LocalRuntimeConsole

/// The program to run as the function, checked as far as possible without running it.
package struct Bootstrap: Sendable {
    /// Absolute, links resolved.
    package let path: String
    package var folder: String { slash == path.startIndex ? "/" : String(path[..<slash]) }
    package var name: String { String(path[path.utf8.index(after: slash)...]) }
    /// The last slash; an absolute path has at least one.
    private var slash: String.Index { path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex }

    package init(_ text: String) throws(CommandFailure) {
        guard let resolved = realpath(text, nil) else {
            throw .couldNotRun("\(text): \(String(cString: strerror(errno)))")
        }
        defer { free(resolved) }
        path = String(cString: resolved)
        var information = stat()
        guard stat(path, &information) == 0 else {
            throw .couldNotRun("\(text): \(String(cString: strerror(errno)))")
        }
        guard information.st_mode & S_IFMT == S_IFREG else {
            throw .couldNotRun("\(text) is not a file; name the program itself, such as \(text)/bootstrap")
        }
        guard access(path, X_OK) == 0 else { throw .couldNotRun("\(text) is not executable; chmod +x makes it so") }
        let head = (try? Input.read(file: path, upTo: 20, takesPipes: false)) ?? []
        if let problem = Self.problem(of: head) { throw .couldNotRun("\(text) \(problem)") }
    }

    /// Why a file that begins with `head` cannot run here; nil if its head shows no reason.
    package static func problem(of head: [UInt8]) -> String? {
        if head.starts(with: "#!".utf8) { return nil }
        guard head.starts(with: [0x7F] + "ELF".utf8), head.count >= 20 else {
            return "is neither an ELF binary nor a script that begins with #!"
        }
        // e_machine (elf(5)), little-endian on all of Lambda's architectures.
        let machine = Int(head[18]) | Int(head[19]) << 8
        guard machine != thisMachine else { return nil }
        return "is built for \(name(of: machine)), but this machine is \(name(of: thisMachine))"
    }

    private static func name(of machine: Int) -> String {
        [3: "x86", 40: "arm", 62: "x86_64", 183: "arm64"][machine] ?? "another machine (\(machine))"
    }

    private static var thisMachine: Int {
        #if arch(arm64)
        183
        #else
        62
        #endif
    }
}
