package import FunctionCore
import FunctionRuntime
package import FunctionTesting
package import StreamTokensWorkflows

/// What holds before an event: the store's content, the workflow and the function's settings.
package struct Given: Sendable {
    package var organizations: [GivenOrganization] = []
    /// Whether the store answers at all.
    package var isStoreDown = false
    /// Nil for the built-in ones.
    package var workflow: (any Workflow)?
    package var settings: FunctionSettings
    /// The settings as they are written: variables of the environment.
    package var variables: [String: String] = [:]

    /// What holds where nothing is said.
    package init() {
        var none = Settings(environment: [:])
        settings = FunctionSettings(&none)
    }

    package init(_ json: JSON, at pointer: JSONPointer) throws(JSONDocumentError) {
        self.init()
        var object = try JSONObject(json, at: pointer)
        let organizations = try object.array("organizations") ?? []
        let store = try object.string("store") ?? "up"
        let workflow = object["workflow"]
        let settings = try object.object("settings") ?? []
        try object.refuseOthers()

        guard ["up", "down"].contains(store) else { throw object.refuse("store", "must be \"up\" or \"down\"") }
        isStoreDown = store == "down"
        if let workflow, workflow != .null {
            self.workflow = try GivenWorkflow(workflow, at: pointer.appending("workflow"))
        }
        (self.settings, variables) = try Self.settings(settings, at: pointer.appending("settings"))
        for (index, organization) in organizations.enumerated() {
            let place = pointer.appending("organizations").appending(index)
            let read = try GivenOrganization(organization, at: place)
            guard !self.organizations.contains(where: { $0.name == read.name || $0.tag == read.tag && $0.tag != nil })
            else { throw .shape(place, reason: "has the name, or its keys the tag, of one before it") }
            self.organizations.append(read)
        }
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
