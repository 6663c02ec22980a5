import FunctionCore

/// The members of a given, each with the place where it is written: in the fixture itself or in a file of givens.
struct GivenParts: Sendable {
    enum Name: String, CaseIterable {
        case organizations
        case store
        case workflow
        case settings
    }

    private struct Part {
        let json: JSON
        /// Of the object that it is a member of.
        let pointer: JSONPointer
        /// Nil for the fixture's own file.
        let file: String?
    }

    private var parts: [Name: Part] = [:]
    /// The name of the given whose members hold where this one has none: its member `is`.
    private(set) var base: String?

    /// Without a member.
    init() {}

    init(_ json: JSON, at pointer: JSONPointer, in file: String? = nil) throws(JSONDocumentError) {
        guard case .object = json else {
            throw .shape(pointer, reason: "must be an object, or a given's name in a fixture, not \(json.kind)")
        }
        var object = try JSONObject(json, at: pointer)
        for name in Name.allCases {
            parts[name] = object[name.rawValue].map { Part(json: $0, pointer: pointer, file: file) }
        }
        base = try object.string("is")
        try object.refuseOthers()
    }

    func has(_ name: Name) -> Bool {
        parts[name] != nil
    }

    /// These members, and those of `other` where there are none. A member takes the place of the other's as a whole.
    func over(_ other: GivenParts) -> GivenParts {
        var both = other
        both.parts.merge(parts) { $1 }
        both.base = base
        return both
    }

    /// Reads the members. Errors of those from another file name that file.
    func given() throws(FixtureError) -> Given {
        var given = Given()
        for name in Name.allCases {
            guard let part = parts[name] else { continue }
            do throws(JSONDocumentError) {
                try given.read(name, part.json, at: part.pointer)
            } catch {
                guard let file = part.file else { throw .content(error) }
                throw .elsewhere(file: file, .content(error))
            }
        }
        return given
    }
}
