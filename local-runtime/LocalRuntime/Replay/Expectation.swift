import Function

/// What has to come of an event, and what holds before: `NAME.expect.json`.
struct Expectation: Sendable {
    let given: Given
    let status: Pattern
    /// Fields that are not named here may have any value.
    let headers: [(name: Headers.Name, pattern: Pattern)]
    let body: Pattern?
    /// Whether the body has to come to its end; else it has to be broken off.
    let isComplete: Bool
    /// What the store has to hold then.
    let store: Pattern?

    /// Reads an expectation, strictly: nothing unknown may be in it.
    init(_ bytes: [UInt8]) throws(JSONDocumentError) {
        var object = try JSONObject(reading: bytes)
        given = try Given(object["given"] ?? .object([]), at: JSONPointer.root.appending("given"))
        let status = object["status"]
        let headers = try object.object("headers") ?? []
        let body = object["body"]
        isComplete = try object.bool("complete") ?? true
        let store = object["store"]
        try object.refuseOthers()
        self.status = try Pattern(try object.require("status", status), at: JSONPointer.root.appending("status"))
        self.headers = try Self.headers(headers, at: JSONPointer.root.appending("headers"))
        self.body = try Self.pattern(body, at: JSONPointer.root.appending("body"))
        guard store == nil || !given.isStoreDown else {
            throw object.refuse("store", "cannot be told of a store that is down")
        }
        self.store = try Self.pattern(store, at: JSONPointer.root.appending("store"))
    }

    private static func pattern(_ json: JSON?, at pointer: JSONPointer) throws(JSONDocumentError) -> Pattern? {
        try json.map { json throws(JSONDocumentError) in try Pattern(json, at: pointer) }
    }

    private static func headers(
        _ members: [JSON.Member],
        at pointer: JSONPointer
    ) throws(JSONDocumentError) -> [(name: Headers.Name, pattern: Pattern)] {
        var headers: [(name: Headers.Name, pattern: Pattern)] = []
        for member in members {
            let place = pointer.appending(member.name)
            guard let name = Headers.Name(member.name) else { throw .shape(place, reason: "is no header's name") }
            switch member.value {
            case .null, .string, .object: headers.append((name, try Pattern(member.value, at: place)))
            default: throw .shape(place, reason: "must be a string, a matcher, or null for absent")
            }
        }
        return headers
    }
}
