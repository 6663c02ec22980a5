import FunctionCore

/// The body of a mint with a policy: a JSON object, all of whose members are optional.
public struct MintRequest: Hashable, Sendable {
    /// The most bytes of a body.
    public static let sizeLimit = 16 * 1024

    /// In seconds, from 1 to 300; nil if the back end leaves it to the server.
    public let ttl: Int?
    /// Nil if the body says nothing but the ttl.
    public let policy: Policy?

    /// Reads a body in linear time. With `clampsTTL`, a whole number of seconds beyond the limits becomes the limit.
    public init(reading body: [UInt8], clampsTTL: Bool = false) throws(PolicyError) {
        guard body.count <= Self.sizeLimit else {
            throw PolicyError("the body has more than \(Self.sizeLimit) bytes")
        }
        guard !body.isEmpty else {
            throw PolicyError("the body is empty; send {} if no policy is meant")
        }
        let members = try PolicyMembers(reading: body, PolicyMember.allCases, clampsTTL: clampsTTL)
        ttl = members.ttl
        policy = members.isEmpty ? nil : Policy(members)
    }
}

/// The members of the body, in the order in which errors name them.
package enum PolicyMember: String, CaseIterable, Sendable {
    case ttl
    case workflows
    case variables
    case allow
    case origins
    case user
    case maxSeconds = "max_seconds"
    case opens
    case resumeSeconds = "resume_seconds"

    /// The member of that name, compared by bytes.
    package init?(exactly name: String, among members: [PolicyMember] = allCases) {
        guard let member = members.first(where: { $0.rawValue.hasSameBytes(as: name) }) else { return nil }
        self = member
    }

    /// Those that a store keeps as a policy's opaque part.
    static let encoded: [PolicyMember] = [
        .workflows, .variables, .allow, .origins, .maxSeconds, .opens, .resumeSeconds,
    ]
}
