package import FunctionCore

/// What is expected of an event.
package struct Expectation: Sendable {
    package let pointer: JSONPointer
    /// Nil if no response is expected, because the process is killed.
    package let status: Pattern?
    /// Fields that are not named here may be there, with any value.
    package let headers: [(name: Headers.Name, pattern: Pattern)]
    package let body: Pattern?
    /// The server-sent events of the body, in order.
    package let events: [Pattern]?
    package let chunks: [Pattern]?
    /// Whether the body must be whole; otherwise it must break off.
    package let isComplete: Bool
    /// The longest it may take, up to the body's end.
    package let within: TimeSpan?
    package let store: Pattern?
    /// What the store holds at the end of the silence before the workflow's first output.
    package let silence: Pattern?

    /// Reads an expectation. Unknown members are errors.
    package init(_ json: JSON, at pointer: JSONPointer) throws(JSONDocumentError) {
        var object = try JSONObject(json, at: pointer)
        let status = object["status"]
        let headers = try object.object("headers") ?? []
        let body = object["body"]
        let events = try object.array("events")
        let chunks = try object.array("chunks")
        isComplete = try object.bool("complete") ?? true
        let within = object["within"]
        let store = object["store"]
        let silence = object["silence"]
        try object.refuseOthers()
        guard [body != nil, events != nil, chunks != nil].filter(\.self).count <= 1 else {
            throw .shape(pointer, reason: "can have one of body, events and chunks")
        }
        self.pointer = pointer
        // Without a response only the store can be looked at.
        let needed = store == nil ? try object.require("status", status) : status
        self.status = try Self.pattern(needed, at: pointer.appending("status"))
        self.headers = try Self.headers(headers, at: pointer.appending("headers"))
        self.body = try Self.pattern(body, at: pointer.appending("body"))
        self.events = try Self.patterns(events, at: pointer.appending("events"))
        self.chunks = try Self.patterns(chunks, at: pointer.appending("chunks"))
        self.within = try within.map { json throws(JSONDocumentError) in
            try TimeSpan(json, at: pointer.appending("within"))
        }
        self.store = try Self.pattern(store, at: pointer.appending("store"))
        self.silence = try Self.pattern(silence, at: pointer.appending("silence"))
    }

    private static func pattern(_ json: JSON?, at pointer: JSONPointer) throws(JSONDocumentError) -> Pattern? {
        try json.map { json throws(JSONDocumentError) in try Pattern(json, at: pointer) }
    }

    private static func patterns(_ elements: [JSON]?, at pointer: JSONPointer) throws(JSONDocumentError) -> [Pattern]? {
        try elements?.read(at: pointer) { json, place throws(JSONDocumentError) in try Pattern(json, at: place) }
    }

    private static func headers(
        _ members: [JSON.Member],
        at pointer: JSONPointer
    ) throws(JSONDocumentError) -> [(name: Headers.Name, pattern: Pattern)] {
        try members.map { member throws(JSONDocumentError) in
            let place = pointer.appending(member.name)
            guard let name = Headers.Name(member.name) else { throw .shape(place, reason: "is no header's name") }
            guard [.null, .string, .object].contains(member.value.kind) else {
                throw .shape(place, reason: "must be a string, a matcher, or null for absent")
            }
            return (name, try Pattern(member.value, at: place))
        }
    }
}
