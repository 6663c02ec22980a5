package import FunctionCore

/// Finds problems in a file of givens: what its reader rejects, and givens that no fixture uses.
package struct GivensLint {
    private let path: String
    private let used: Set<ExactText>

    /// `used` are the names in the fixtures for which the file at `path` is the nearest.
    package init(path: String, used: Set<ExactText>) {
        self.path = path
        self.used = used
    }

    package var findings: [Finding] {
        do throws(FixtureError) {
            return findings(in: try GivensFile.reading(path))
        } catch {
            return [Finding(error, in: path)]
        }
    }

    private func findings(in file: GivensFile) -> [Finding] {
        var (used, findings) = (used, [[Finding]]())
        // From the end: a given is used as well if a later one that is used is based on it.
        for name in file.names.reversed() {
            let place = JSONPointer.root.appending(name)
            do throws(FixtureError) {
                guard let parts = try file.parts(of: name) else { continue }
                _ = try parts.given()
                let isUsed = used.contains(ExactText(name))
                if isUsed, let base = parts.base { used.insert(ExactText(base)) }
                let mend = "remove it, or name it in a fixture's \"given\""
                findings.append(isUsed ? [] : [Finding(in: path, at: place, "no fixture uses it", mend: mend)])
            } catch {
                findings.append([Finding(error, in: path)])
            }
        }
        return findings.reversed().flatMap(\.self)
    }
}
