import Foundation
import FunctionCore
import Glibc
import Support
import Testing

@testable import LocalRuntimeConsole

/// Mistakes that people make, by command: one line says what to do, the exit code is the documented one, and nothing is
/// left behind.
@Suite("Bad input")
struct BadInputTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let words: String
        let code: Int32
        /// The beginning of the only message, after `local-runtime: `, or of a line of the output.
        let line: String

        init(_ words: String, _ code: Int32, _ line: String) {
            self.words = words
            self.code = code
            self.line = line
        }

        var testDescription: String { words }
    }

    /// A folder with passing fixtures, a failing one, and files that are not fixtures.
    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (name, text) in [
            "fine/a.json": #"{"path":"/"}"#, "fine/a.expect.json": #"{"status":404}"#,
            "fine/s.scenario.json": #"{"steps":[{"event":"a.json","expect":{"status":404}}]}"#,
            "red/b.json": #"{"path":"/"}"#, "red/b.expect.json": #"{"status":200}"#,
            "marked/c.json": "\u{FEFF}{\"path\":\"/\"}", "marked/c.expect.json": "\u{FEFF}{\"status\":404}",
            "marked/t.scenario.json": "\u{FEFF}{\"steps\":[{\"event\":\"c.json\",\"expect\":{\"status\":404}}]}",
            "wide/d.json": "{\0\"\0p\0", "wide/d.expect.json": #"{"status":404}"#,
            "folder.json/README.md": "", "text.txt": "",
        ] {
            try folder.write(name, text)
        }
        return folder
    }

    private static let fixtureCommands = ["replay", "lint", "watch", "explain", "invoke"]

    private static let options: [Row] =
        (fixtureCommands + ["serve"]).flatMap { command -> [Row] in
            [
                Row("\(command) --fitler x", 1, "\(command) has no option --fitler; "),
                Row("\(command) -x", 1, "\(command) has no option -x; "),
            ]
        }
    private static let events: [Row] =
        ["explain", "invoke"].flatMap { command -> [Row] in
            [
                Row(command, 1, "EVENT is missing; see local-runtime help \(command)"),
                Row("\(command) fine/a fine/s", 1, "unexpected argument \"fine/s\"; "),
                Row("\(command) fine", 2, "fine: is a folder; name one event, or run local-runtime replay for all"),
                Row("\(command) folder.json", 2, "folder.json: is a folder; name one event, "),
                Row("\(command) nowhere", 2, "nowhere: no such event, nor nowhere.json or nowhere.scenario.json"),
                Row(
                    "\(command) fine/a.expect.json",
                    2,
                    "fine/a.expect.json: is an expectation, not an event; give fine/a.json"
                ),
                Row("\(command) wide/d", 2, "wide/d.json: is UTF-16 or UTF-32: save it as UTF-8"),
            ]
        }
    private static let paths: [Row] =
        ["replay", "lint", "watch"].flatMap { command -> [Row] in
            [
                Row("\(command) nowhere", 2, "nowhere: no such file or folder, nor a pattern of any"),
                Row("\(command) text.txt", 2, "no fixture in text.txt: they are files NAME.json and "),
                Row("\(command) folder.json", 2, "no fixture in folder.json: they are files NAME.json and "),
            ]
        }
    private static let others: [Row] = [
        Row("replay wide", 2, "ERROR   wide/d.json: is UTF-16 or UTF-32: save it as UTF-8"),
        Row("lint wide", 2, "wide/d.json#: error: is UTF-16 or UTF-32: save it as UTF-8"),
        Row("lint --strict=yes", 1, "--strict takes no value; see local-runtime help lint"),
        Row("replay --seed x fine", 1, "--seed must be a whole number from 0 to "),
        Row("replay --contract gcp fine", 1, "gcp is not a contract; write all, direct, "),
        Row("replay --report tap f fine", 1, "--report must be junit or json, and a file: not tap; "),
        Row("replay --report junit red fine", 3, "red cannot be written: Is a directory"),
        Row("replay --report junit no/f fine", 3, "no/f cannot be written: there is no folder no"),
        Row("replay --report junit text.txt/f fine", 3, "text.txt/f cannot be written: Not a directory"),
        Row("replay --filter x fine", 1, "no fixture has x in its name"),
        Row("replay --url nonsense fine", 1, "--url"),
        Row("watch --contract gcp fine", 1, "gcp is not a contract; write all, direct, "),
        Row("invoke fine/a --redis nonsense", 1, "--redis cannot be read as the URL of a Redis server: "),
        Row(
            "invoke fine/s --redis redis://127.0.0.1",
            1,
            "a scenario has its own store in memory; local-runtime replay --redis"
        ),
        Row("serve --port 99999", 1, "--port must be a whole number from 0 to 65535, not \"99999\"; "),
        Row(
            "serve --port 0 --record text.txt",
            3,
            "text.txt: cannot be created as a folder for recordings: File exists"
        ),
        Row(
            "serve --port 0 --record text.txt/a",
            3,
            "text.txt/a: cannot be created as a folder for recordings: Not a directory"
        ),
        Row("serve --port 0 --events text.txt", 1, "--events must be a folder, and text.txt is not one"),
        Row("serve here", 1, "unexpected argument \"here\"; "),
    ]

    @Test(
        "one line says what to do, the exit code is the documented one, and nothing is written",
        arguments: options + events + paths + others
    )
    func wrong(row: Row) throws {
        let folder = try folder()
        let before = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
        let ending = try CommandProcess(row.words, in: folder).ended()
        #expect(ending.code == row.code, "\(ending)")
        if ending.output.isEmpty {
            #expect(ending.messages.hasPrefix("local-runtime: \(row.line)"), "\(ending)")
            #expect(ending.messages.count { $0 == "\n" } == 1 && ending.messages.hasSuffix("\n"), "\(ending)")
        } else {
            #expect(ending.output.split(separator: "\n").contains { $0.hasPrefix(row.line) }, "\(ending)")
            #expect(ending.messages == "")
        }
        let after = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
        #expect(after.filter { !["out", "err"].contains($0) } == before)
    }

    @Test(
        "every command skips a byte order mark before UTF-8",
        arguments: [
            "replay marked", "lint marked --strict",
            "explain marked/c", "invoke marked/c", "explain marked/t", "invoke marked/t", "explain - < marked/c.json",
            "invoke - < marked/c.json",
        ]
    )
    func mark(words: String) throws {
        let ending = try CommandProcess(words, in: try folder()).ended()
        #expect(ending.code == 0, "\(ending)")
        #expect(!ending.output.contains("\u{FEFF}"))
    }

    private static let forbidden: [Row] = [
        Row("replay locked.json", 2, "ERROR   locked.json: cannot be read: Permission denied"),
        Row("lint locked.json", 2, "locked.json#: error: cannot be read: Permission denied"),
        Row("explain locked.json", 2, "locked.json: cannot be read: Permission denied"),
        Row("invoke locked", 2, "locked.json: cannot be read: Permission denied"),
        Row("replay shut", 2, "shut: cannot be read: Permission denied"),
        Row("lint outer", 2, "outer/shut: cannot be read: Permission denied"),
        Row("watch shut", 2, "shut: cannot be read: Permission denied"),
        Row("replay shut/a.json", 2, "shut/a.json: cannot be read: Permission denied"),
        Row("explain shut/a", 2, "shut/a: cannot be read: Permission denied"),
        Row("invoke shut/a.json", 2, "shut/a.json: cannot be read: Permission denied"),
        Row("replay fine --report junit readonly/f", 3, "readonly/f cannot be written: Permission denied"),
        Row("replay fine --report json fixed.txt", 3, "fixed.txt cannot be written: Permission denied"),
        Row("replay red --update", 3, "red/b.expect.json cannot be written: Permission denied"),
        Row("serve --port 0 --record readonly", 3, "readonly: cannot be written to: Permission denied"),
        Row(
            "serve --port 0 --record readonly/new",
            3,
            "readonly/new: cannot be created as a folder for recordings: Permission denied"
        ),
    ]

    @Test(
        "the error for a file without permission says so, not that the file is missing",
        .enabled(if: CommandProcess.unprivileged != nil, "nobody without rights can run the command"),
        arguments: forbidden
    )
    func permission(row: Row) throws {
        let folder = try folder()
        try folder.write("locked.json", "{}")
        try folder.write("shut/a.json", "{}")
        try folder.write("outer/shut/a.json", "{}")
        try folder.write("fixed.txt", "as it was")
        try FileManager.default.createDirectory(atPath: folder.path + "/readonly", withIntermediateDirectories: true)
        for (name, mode) in [
            ("locked.json", 0), ("shut", 0), ("outer/shut", 0), ("readonly", 0o555), ("fixed.txt", 0o444),
            ("red/b.expect.json", 0o444),
        ] as [(String, mode_t)] {
            #expect(chmod(folder.path + "/" + name, mode) == 0)
        }
        defer { for name in ["shut", "outer/shut", "readonly"] { chmod(folder.path + "/" + name, 0o755) } }
        let ending = try CommandProcess(row.words, in: folder, run: try #require(CommandProcess.unprivileged)).ended()
        #expect(ending.code == row.code, "\(ending)")
        let said = (ending.output + ending.messages).replacingOccurrences(of: "local-runtime: ", with: "")
        #expect(said.split(separator: "\n").contains { $0 == row.line }, "\(ending)")
        try expect(String(contentsOfFile: folder.path + "/fixed.txt", encoding: .utf8), is: "as it was")
        try expect(String(contentsOfFile: folder.path + "/red/b.expect.json", encoding: .utf8), is: #"{"status":200}"#)
    }

    private static let endings: [(String, Int32)] = [
        ("replay fine red", 4), ("lint fine", 0), ("explain fine/a", 0), ("explain fine/s", 0),
        ("invoke fine/a --head", 0),
        ("invoke fine/s", 0), ("replay --help", 0),
    ]

    @Test("a reader that stops reading the output does not change the exit code", arguments: endings)
    func readerGone(words: String, code: Int32) throws {
        let behind = "2> err; echo $? > code; } | head -c 1 > out"
        let process = try CommandProcess(words, in: try folder(), run: "{", behind: behind)
        let ending = try process.ended()
        #expect(process.read("code") == "\(code)\n", "\(ending)")
        #expect(!ending.messages.contains("standard output"), "\(ending)")
    }

    @Test("lost output is reported, with exit code 3 unless there is another", arguments: endings)
    func lost(words: String, code: Int32) throws {
        for (behind, reason) in [("> /dev/full", "No space left on device"), (">&-", "Bad file descriptor")] {
            let ending = try CommandProcess(words, in: try folder(), behind: "\(behind) 2> err").ended()
            #expect(ending.code == (code == 0 ? 3 : code), "\(ending)")
            let isSaid = ending.messages.contains("local-runtime: standard output cannot be written: \(reason)")
            #expect(isSaid == (code == 0), "\(ending)")
        }
    }

    @Test("a watch ends when its output has no reader")
    func watchWithoutReader() async throws {
        let folder = try folder()
        let process = try CommandProcess(
            "watch fine",
            in: folder,
            run: "{",
            behind: "2> err; echo $? > code; } | head -n 3 > out"
        )
        // head has closed the pipe; the watch notices at its next write.
        #expect(await waitUntil { process.read("out").count { $0 == "\n" } == 3 })
        let hasEnded = try await waitUntil {
            try folder.write("fine/a.expect.json", #"{"status":404}"#)
            return process.read("code") == "0\n"
        }
        #expect(hasEnded)
        try expect(process.ended().messages, is: "")
    }

    @Test("a terminal gets colors unless NO_COLOR is set, and 40 columns change nothing", arguments: [80, 40])
    func terminal(columns: Int) throws {
        for (variable, isColored) in [("A=b", true), ("NO_COLOR=1", false), ("TERM=dumb", false)] {
            let ending = try CommandProcess(
                "replay fine red",
                in: try folder(),
                run: "exec script -qec \"stty cols \(columns); exec env \(variable)",
                behind: "2> err\" /dev/null > out",
                environment: ["TERM=xterm"]
            ).ended()
            #expect(ending.code == 4)
            #expect(ending.output.contains("\u{1B}[") == isColored, "\(ending)")
            let plain = ending.output.replacing(/\x{1B}\[[0-9]*m/, with: "").replacing("\r\n", with: "\n")
            #expect(plain.contains("\nok      fine/s\nFAIL    red/b\n        red/b.expect.json#/status\n"), "\(ending)")
        }
    }

    private static let interrupted: [(String, Set<Int32>)] = [
        ("replay many --contract all --report json report", [0, 3, 130]), ("replay many --update", [0, 3, 130]),
        ("lint many", [0, 130]), ("explain fine/s", [0, 130]), ("invoke fine/s", [0, 130]), ("watch many", [0, 130]),
        ("serve --port 0 --record recorded", [0, 130]),
    ]

    @Test("an interrupt at any moment leaves nothing half written", arguments: interrupted)
    func interrupt(words: String, codes: Set<Int32>) throws {
        let old = #"{"status":200}"#
        for delay in [0, 1, 3, 10, 30, 60, 100, 200, 400] as [useconds_t] {
            let folder = try folder()
            for number in 0..<40 {
                try folder.write("many/\(number).json", #"{"path":"/\#(number)"}"#)
                let expected = words.contains("--update") ? old : #"{"status":404}"#
                try folder.write("many/\(number).expect.json", expected)
            }
            let process = try CommandProcess(words, in: folder)
            usleep(delay * 1000)
            process.signal(SIGINT)
            // 130 is fine: the signal came before the command had blocked it.
            let ending = try process.ended()
            #expect(codes.contains(ending.code), "\(ending)")
            if ending.code == 3 {
                #expect(
                    ending.messages.hasSuffix("local-runtime: interrupted\n")
                        || ending.messages.contains("interrupted;")
                )
            }
            for file in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
                #expect(!file.hasSuffix(".new"), "\(file)")
                guard file.hasPrefix("many/") || file == "report" else { continue }
                #expect((try? JSONReader.read(Array(process.read(file).utf8))) != nil, "\(file): \(process.read(file))")
            }
        }
    }
}
