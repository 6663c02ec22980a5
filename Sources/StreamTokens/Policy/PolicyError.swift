import FunctionCore

/// Why a policy is refused, and where.
public struct PolicyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The member, and an index or a name in it, such as `workflows/2`; empty for the whole. Names from outside are
    /// escaped and cut at 64 bytes.
    public let place: String
    /// Repeats no variable's value.
    public let reason: String
    /// The place for logs: as `place`, but with nothing that was sent.
    public let cause: String

    /// `workflows/2: …`
    public var description: String { place.isEmpty ? reason : "\(place): \(reason)" }
}

extension PolicyError {
    /// An error in the body as a whole.
    init(_ reason: String) {
        self.init(place: "", reason: reason, cause: "the body")
    }

    /// An error in a known member.
    init(_ member: PolicyMember, _ reason: String) {
        self.init(place: member.rawValue, reason: reason, cause: member.rawValue)
    }

    /// An error in an element of a list.
    init(_ member: PolicyMember, _ index: Int, _ reason: String) {
        let place = "\(member.rawValue)/\(index)"
        self.init(place: place, reason: reason, cause: place)
    }

    /// An error about a name in a member.
    init(_ member: PolicyMember, named name: String, _ reason: String) {
        self.init(
            place: "\(member.rawValue)/\(Self.escaped(name))",
            reason: reason,
            cause: "a name in \(member.rawValue)"
        )
    }

    /// An unknown member.
    init(unknown name: String, known: [PolicyMember]) {
        let names = known.map(\.rawValue).joined(separator: ", ")
        self.init(
            place: Self.escaped(name),
            reason: "is unknown; known members are \(names)",
            cause: "an unknown member"
        )
    }

    /// The body is not JSON. Only the outer two names of the place are told: those further in are part of a value.
    init(_ error: JSONError, known: [PolicyMember]) {
        let spot = "line \(error.line), column \(error.column)"
        let member = error.path.first.flatMap { PolicyMember(exactly: $0, among: known) }
        let names = error.path.prefix(2).enumerated().map { index, name in
            index == 0 ? member?.rawValue ?? Self.escaped(name) : Self.escaped(name)
        }
        let reason =
            switch (error.isRepetition, error.path.count) {
            case (true, ...2): "is there twice, at \(spot)"
            case (true, _): "has a member twice, at \(spot)"
            default: "at \(spot): \(error.reason)"
            }
        self.init(
            place: names.joined(separator: "/"),
            reason: reason,
            cause: error.path.isEmpty ? spot : "\(member?.rawValue ?? "an unknown member"), \(spot)"
        )
    }

    /// A name from outside, for a place: in one line of at most 64 bytes, and without slashes, which separate names
    /// (RFC 6901, section 3).
    private static func escaped(_ name: String) -> String {
        visible(name) { scalar in
            switch scalar {
            case "~": "~0"
            case "/": "~1"
            default: nil
            }
        }
    }

    /// Text from outside in one line of at most 64 bytes. What is not visible is written `\u{…}`.
    static func visible(_ text: String, escape: (Unicode.Scalar) -> String? = { _ in nil }) -> String {
        var visible = ""
        for scalar in text.unicodeScalars {
            // Enough to fill what is kept: the rest need not be escaped.
            guard visible.utf8.count <= 64 else { break }
            if let escaped = escape(scalar) {
                visible += escaped
            } else if isVisible(scalar) {
                visible.unicodeScalars.append(scalar)
            } else {
                visible += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return visible.shortened()
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        // Formats turn the direction of what follows, or hide it.
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
        default: true
        }
    }
}
