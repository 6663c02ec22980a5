public import FunctionCore

/// What a back end decides about a token's stream when it mints the token. What is nil, the page or the server decides.
///
/// It is made by reading JSON only, so every policy is a valid one. It is a class because few tokens have one: the
/// fields of a structure would take room in the frame of every request.
public final class Policy: Hashable, Sendable {
    /// The workflows that the token opens.
    public let workflows: [String]?
    /// Variables that reach the workflow whatever the page sends. The page never sees them.
    public let variables: LockedVariables?
    /// Of the other variables, the names that the page may send.
    public let allow: [String]?
    /// The origins whose pages may open the stream, as browsers write them.
    public let origins: [String]?
    /// Who will read the stream: 1 to 128 visible ASCII characters. Personal data.
    public let user: String?
    /// The longest that the stream may last, in seconds.
    public let maxSeconds: Int?
    public let opens: StreamOpening?
    /// For how long the stream can be resumed once nobody reads it, in seconds; 0: not at all.
    public let resumeSeconds: Int?

    /// All of it except the user, as JSON. This is what a store keeps and does not look into.
    public let encoded: [UInt8]

    /// `encoded` is the text that `members` were read from, if they were.
    init(_ members: PolicyMembers, encoded: [UInt8]? = nil) {
        workflows = members.workflows
        variables = members.variables
        allow = members.allow
        origins = members.origins
        user = members.user
        maxSeconds = members.maxSeconds
        opens = members.opens
        resumeSeconds = members.resumeSeconds
        self.encoded = encoded ?? members.encoded
    }

    /// The policy that a store has kept; nil if these are not the bytes of one. Those of a newer release, which may have
    /// members that this one does not know, are refused too.
    public init?(user: String?, encoded: [UInt8]) {
        guard let members = PolicyMembers(user: user, encoded: encoded) else { return nil }
        workflows = members.workflows
        variables = members.variables
        allow = members.allow
        origins = members.origins
        self.user = members.user
        maxSeconds = members.maxSeconds
        opens = members.opens
        resumeSeconds = members.resumeSeconds
        self.encoded = encoded
    }

    public static func == (one: Policy, other: Policy) -> Bool {
        // Both are ASCII or bytes.
        one.user == other.user && one.encoded == other.encoded
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(user)
        hasher.combine(encoded)
    }
}

/// The members of a JSON object that the page can neither change nor read.
public struct LockedVariables: Hashable, Sendable {
    /// The object as it was sent, which keeps the form of its numbers.
    public let text: [UInt8]
    /// Never empty.
    public let members: [JSON.Member]

    public static func == (one: Self, other: Self) -> Bool { one.text == other.text }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(text)
    }
}

/// Why a stream's request does not comply with its token's policy. The raw values are the error codes of the API.
public enum PolicyRefusal: String, CaseIterable, Sendable {
    case workflowNotAllowed = "workflow_not_allowed"
    case originNotAllowed = "origin_not_allowed"
    /// The page sent a variable that is locked.
    case variableLocked = "variable_locked"
    /// The page sent a variable that is not among those allowed.
    case variableNotAllowed = "variable_not_allowed"
}
