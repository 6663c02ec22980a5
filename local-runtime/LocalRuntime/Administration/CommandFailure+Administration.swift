import Tokens

extension CommandFailure {
    static func noKey(_ id: String) -> CommandFailure {
        .couldNotRun("there is no key \(id); local-runtime keys list has them")
    }

    static func noOrganization(_ name: String) -> CommandFailure {
        .couldNotRun("there is no organization \(name); local-runtime orgs list has them")
    }
}

extension Administration {
    /// The organization of that name, which has to be there.
    func existingOrganization(_ name: String) async throws -> Organization {
        guard let organization = try await findOrganization(named: name) else {
            throw CommandFailure.noOrganization(name)
        }
        return organization
    }
}
