package import FunctionCore
package import LocalRuntimeConsole

/// `givens.json`: givens by their names, for the fixtures in its folder and below it.
package struct GivensFile: Sendable {
    package static let name = "givens.json"

    package let path: String
    /// In the file's order.
    package let names: [String]
    /// The members of each given, with those of its base.
    private let givens: [ExactText: Result<GivenParts, JSONDocumentError>]

    /// Whether a path is that of a file of givens, which is never taken for an event.
    package static func isPath(_ path: String) -> Bool {
        path == name || path.hasSuffix("/" + name)
    }

    /// Reads the file, by `read`. Its errors name the file.
    package static func reading(
        _ path: String,
        _ read: (_ file: String) throws(FixtureError) -> JSON = { file throws(FixtureError) in
            try FixtureFile.json(file)
        }
    ) throws(FixtureError) -> GivensFile {
        do throws(FixtureError) {
            let json = try read(path)
            return try FixtureError.reading(try GivensFile(json, path: path))
        } catch {
            throw .elsewhere(file: path, error)
        }
    }

    /// A malformed given is an error only for those that use it.
    private init(_ json: JSON, path: String) throws(JSONDocumentError) {
        guard case .object(let members) = json else {
            throw .shape(.root, reason: "must be an object of givens, not \(json.kind)")
        }
        var (names, givens) = ([String](), [ExactText: Result<GivenParts, JSONDocumentError>]())
        for member in members where !member.name.hasSameBytes(as: "$schema") {
            let place = JSONPointer.root.appending(member.name)
            givens[ExactText(member.name)] = Result { () throws(JSONDocumentError) in
                let own = try GivenParts(member.value, at: place, in: path)
                guard let base = own.base else { return own }
                // Only those before it are known yet, so there are no circles.
                guard let known = givens[ExactText(base)] else {
                    let reason = "is no given before this one; \(Self.hint(base, names))"
                    throw .shape(place.appending("is"), reason: reason)
                }
                return own.over(try known.get())
            }
            names.append(member.name)
        }
        self.path = path
        self.names = names
        self.givens = givens
    }

    /// The members of a given; nil if there is none of the name.
    func parts(of name: String) throws(FixtureError) -> GivenParts? {
        guard let parts = givens[ExactText(name)] else { return nil }
        do throws(JSONDocumentError) {
            return try parts.get()
        } catch {
            throw .elsewhere(file: path, .content(error))
        }
    }

    /// Advice for an unknown name: a similar one, or the names there are.
    func hint(_ name: String) -> String {
        Self.hint(name, names)
    }

    private static let shownCount = 20

    private static func hint(_ name: String, _ names: [String]) -> String {
        func quoted(_ name: String) -> String { JSON.string(name.shortened()).description }
        if let nearest = Suggestion.nearest(to: name, among: names) { return "did you mean \(quoted(nearest))?" }
        guard !names.isEmpty else { return "there is none" }
        let more = names.count > shownCount ? ", and \(names.count - shownCount) more" : ""
        return "there are \(names.prefix(shownCount).map(quoted).joined(separator: ", "))\(more)"
    }

    /// The files of givens in the folders among `paths` and below them.
    package static func find(_ paths: [String]) throws(CommandFailure) -> [String] {
        var found: Set<String> = []
        for path in paths {
            guard case .folder = PathKind(path) else { continue }
            found.formUnion(try FixtureFiles.files(below: path).filter(isPath))
        }
        return found.sorted()
    }
}
