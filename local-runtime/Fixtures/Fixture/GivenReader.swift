import FunctionCore

/// Reads the member `given` of an expectation or a scenario.
package struct GivenReader {
    private let nearest: () throws(FixtureError) -> GivensFile?

    /// For texts without a folder: no name is known.
    package static var withoutFile: GivenReader { GivenReader { () throws(FixtureError) in nil } }

    /// `nearest` finds and reads the file of givens once a name needs it; nil if there is none.
    init(_ nearest: @escaping () throws(FixtureError) -> GivensFile?) {
        self.nearest = nearest
    }

    /// For the fixture whose files are `files`.
    package init(of files: FixtureFiles) {
        self.init { () throws(FixtureError) in
            guard let path = GivensSearch(from: files.folder).found else { return nil }
            return try GivensFile.reading(path)
        }
    }

    /// What `fixture`, an expectation or a scenario, says that holds before: an object, the name of a given, or an object
    /// that changes members of the given that it names.
    func given(of fixture: JSON) throws(FixtureError) -> Given {
        guard let json = fixture.member("given") else { return Given() }
        let place = JSONPointer.root.appending("given")
        if case .string(let name) = json { return try given(name, at: place, changes: GivenParts()) }
        let own = try FixtureError.reading(try GivenParts(json, at: place))
        guard let name = own.base else { return try own.given() }
        return try given(name, at: place.appending("is"), changes: own)
    }

    private func given(_ name: String, at place: JSONPointer, changes: GivenParts) throws(FixtureError) -> Given {
        guard let file = try nearest() else {
            let reason = "names a given, but there is no \(GivensFile.name) in this folder or above it"
            throw .content(.shape(place, reason: reason))
        }
        guard let parts = try file.parts(of: name) else {
            throw .content(.shape(place, reason: "is no given of \(file.path); \(file.hint(name))"))
        }
        var given = try changes.over(parts).given()
        given.base = Given.Base(name: name, file: file.path)
        given.hasOwnOrganizations = changes.has(.organizations)
        return given
    }
}
