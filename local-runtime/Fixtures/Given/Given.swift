import FunctionCore
import FunctionRuntime
package import FunctionTesting
import StreamTokens
package import StreamTokensWorkflows

/// What holds before an event: the store's content, the workflow and the function's settings.
package struct Given: Sendable {
    package var organizations: [GivenOrganization] = []
    /// Whether every operation of the store fails.
    package var isStoreDown = false
    /// Nil for the built-in ones.
    package var workflow: (any Workflow)?
    package var settings: FunctionSettings
    /// The settings as they are written: environment variables.
    package var variables: [String: String] = [:]
    /// Whether streams of server-sent events begin before their workflows do, by the settings or by a token's policy.
    package var opensAtOnce: Bool {
        settings.opensAtOnce || organizations.flatMap(\.tokens).contains { $0.policy?.opens == .atOnce }
    }
    /// The named given that it is or changes; nil if the fixture says all of it.
    package var base: Base?
    /// Whether its organizations are written in the fixture itself, and not in a file that others share.
    package var hasOwnOrganizations = true

    /// A given of a file of givens.
    package struct Base: Hashable, Sendable {
        package let name: String
        package let file: String
    }

    /// An empty store that is up, the built-in workflows, and every setting's default.
    package init() {
        var none = Settings(environment: [:])
        settings = FunctionSettings(&none)
    }

    /// Reads one member of the object at `pointer`. Null is the default, which undoes the member of a named given.
    mutating func read(_ part: GivenParts.Name, _ json: JSON, at pointer: JSONPointer) throws(JSONDocumentError) {
        var object = try JSONObject(.object([.init(name: part.rawValue, value: json)]), at: pointer)
        let place = pointer.appending(part.rawValue)
        switch part {
        case .organizations: organizations = try Self.organizations(try object.array("organizations") ?? [], at: place)
        case .store:
            let store = try object.string("store") ?? "up"
            guard ["up", "down"].contains(store) else { throw object.refuse("store", "must be \"up\" or \"down\"") }
            isStoreDown = store == "down"
        case .workflow: workflow = json == .null ? nil : try GivenWorkflow(json, at: place)
        case .settings: (settings, variables) = try Self.settings(try object.object("settings") ?? [], at: place)
        }
    }

    private static func organizations(
        _ elements: [JSON],
        at pointer: JSONPointer
    ) throws(JSONDocumentError) -> [GivenOrganization] {
        var organizations: [GivenOrganization] = []
        for (index, element) in elements.enumerated() {
            let place = pointer.appending(index)
            let read = try GivenOrganization(element, at: place)
            guard !organizations.contains(where: { $0.name == read.name || $0.tag == read.tag && $0.tag != nil })
            else { throw .shape(place, reason: "has the name or the tag of an organization before it") }
            organizations.append(read)
        }
        return organizations
    }

    private static func settings(
        _ members: [JSON.Member],
        at pointer: JSONPointer
    ) throws(JSONDocumentError) -> (FunctionSettings, [String: String]) {
        var environment: [String: String] = [:]
        for member in members {
            let place = pointer.appending(member.name)
            guard FunctionSettings.names.contains(member.name) else {
                let known = FunctionSettings.names.joined(separator: ", ")
                throw .shape(place, reason: "is no setting that matters here; there are \(known)")
            }
            guard case .string(let value) = member.value else { throw .shape(place, reason: "must be a string") }
            environment[member.name] = value
        }
        var settings = Settings(environment: environment)
        let read = FunctionSettings(&settings)
        if let problem = settings.problems.first { throw .shape(pointer, reason: problem) }
        return (read, environment)
    }
}
