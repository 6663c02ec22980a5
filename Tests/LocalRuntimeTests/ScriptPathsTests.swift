import Foundation
import Support
import Testing

@Suite("Path arguments of scripts")
struct ScriptPathsTests {
    private static let root = URL(fileURLWithPath: #filePath + "/../../..").standardizedFileURL.path

    @Test("are relative to the caller's folder, although the script works in the root")
    func fromHere() throws {
        let folder = try TemporaryFolder()
        let words = ["--record", "a b", "--events=../c", "--port", "d", "--record", "/e", "f"]
        let script = """
            set -euo pipefail
            cd '\(folder.path)'
            source '\(Self.root)/script/common.sh'
            paths_from_here '--record --events' "$@"
            printf '%s\\n' "${arguments[@]}" "$PWD" > '\(folder.path)/out'
            """
        let (code, said) = try Spawn.run(["bash", "-c", script, "bash"] + words)
        #expect(code == 0, "\(said)")
        let out = try String(contentsOfFile: folder.path + "/out", encoding: .utf8)
        #expect(
            out.split(separator: "\n").map {
                $0.replacing(folder.path, with: "HERE").replacing(Self.root, with: "ROOT")
            }
                == ["--record", "HERE/a b", "--events=HERE/../c", "--port", "d", "--record", "/e", "f", "ROOT"]
        )
    }
}
