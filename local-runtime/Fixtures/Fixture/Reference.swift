import FunctionCore

/// A reference in a text of a scenario: `${mint.body.token}` is the token in the response of the step `mint`.
package struct Reference: Hashable, Sendable, CustomStringConvertible {
    /// A step's name, or `env` for the environment.
    package let source: String
    /// `body`, `token`
    package let path: [String]

    /// The source for variables of the command's environment.
    package static let environment = "env"

    /// What a response has: its parts, and the last id of its server-sent events.
    static let parts = ["status", "headers", "body", "last_event_id"]

    package var description: String { "${" + ([source] + path).joined(separator: ".") + "}" }

    private init?(_ inner: Substring.UTF8View) {
        let parts = inner.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        // The names of steps are ASCII.
        guard parts.count >= 2, parts.allSatisfy({ !$0.isEmpty }), parts[0].utf8.allSatisfy({ $0 < 0x80 }) else {
            return nil
        }
        source = parts[0]
        path = Array(parts.dropFirst())
    }

    /// A part of a text.
    package enum Piece: Hashable, Sendable {
        case text(String)
        case reference(Reference)
    }

    /// Splits a text. `$${` is a plain `${`. Nil if a `${` has no `}`, or has no reference in it.
    package static func pieces(of text: String) -> [Piece]? {
        // By bytes: to Swift a brace followed by a combining accent is another character than a brace.
        var rest = text[...].utf8
        var pieces: [Piece] = []
        func append(_ text: Substring.UTF8View) {
            if !text.isEmpty { pieces.append(.text(String(Substring(text)))) }
        }
        while let start = rest.startOfReference {
            let before = rest[..<start]
            let inner = rest[start...].dropFirst(2)
            if before.last == UInt8(ascii: "$") {
                append(before.dropLast())
                append("${".utf8[...])
                rest = inner
                continue
            }
            guard let end = inner.firstIndex(of: UInt8(ascii: "}")), let reference = Reference(inner[..<end]) else {
                return nil
            }
            append(before)
            pieces.append(.reference(reference))
            rest = inner[end...].dropFirst()
        }
        append(rest)
        return pieces
    }
}

extension JSON {
    /// A copy with the references in each text replaced by `resolve`.
    ///
    /// A text that is a single reference becomes the value itself. Within a longer text the value becomes text.
    func resolved(
        at pointer: JSONPointer,
        _ resolve: (Reference, JSONPointer) throws(JSONDocumentError) -> JSON
    ) throws(JSONDocumentError) -> JSON {
        switch self {
        case .null, .bool, .number: return self
        case .string(let text):
            guard let pieces = Reference.pieces(of: text) else {
                throw .shape(
                    pointer,
                    reason: "has a ${…} that is no reference such as ${mint.body.token}; $${ is a plain ${"
                )
            }
            if case .reference(let reference)? = pieces.first, pieces.count == 1 {
                return try resolve(reference, pointer)
            }
            var result = ""
            for piece in pieces {
                switch piece {
                case .text(let text): result += text
                case .reference(let reference): result += try resolve(reference, pointer).text
                }
            }
            return .string(result)
        case .array(let elements):
            return .array(
                try elements.read(at: pointer) { json, place throws(JSONDocumentError) in
                    try json.resolved(at: place, resolve)
                }
            )
        case .object(let members):
            var resolved: [Member] = []
            for member in members {
                let value = try member.value.resolved(at: pointer.appending(member.name), resolve)
                resolved.append(Member(name: member.name, value: value))
            }
            return .object(resolved)
        }
    }

    /// A string's text, or the JSON of anything that is no string.
    private var text: String {
        if case .string(let text) = self { return text }
        return description
    }

    /// Whether there is a `${` in any of its texts.
    var refers: Bool {
        switch self {
        case .null, .bool, .number: false
        case .string(let text): text[...].utf8.startOfReference != nil
        case .array(let elements): elements.contains(where: \.refers)
        case .object(let members): members.contains { $0.value.refers }
        }
    }
}

extension Substring.UTF8View {
    /// The start of the first `${`.
    fileprivate var startOfReference: Index? {
        var rest = self
        while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
            rest = rest[dollar...].dropFirst()
            if rest.first == UInt8(ascii: "{") { return dollar }
        }
        return nil
    }
}
