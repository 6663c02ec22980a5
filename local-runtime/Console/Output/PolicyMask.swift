import FunctionCore
import StreamTokens

/// Hides in a policy's JSON what is nobody's but the workflow's: the values of locked variables, and the user.
///
/// What takes a value's place has its kind, so that whoever reads the policy finds the same mistakes in it.
package enum PolicyMask {
    /// What stands for a locked text.
    package static let text = "locked"
    /// What stands for a user.
    package static let user = "user"

    /// The body of a mint; nil if it is no JSON object, so that nobody knows what it holds.
    package static func masked(_ body: [UInt8]) -> [UInt8]? {
        guard let fields = try? JSONReader.fields(body) else { return nil }
        var json = JSONWriter(reservingCapacity: body.count)
        json.object { json in
            for (index, field) in fields.members.enumerated() {
                json.name(field.name)
                switch PolicyMember(exactly: field.name) {
                case .variables: json.value(json: Array(variables(field.value).description.utf8))
                case .user: json.value(json: Array(user(field.value).description.utf8))
                default: json.value(json: fields.text(of: index))
                }
            }
        }
        return json.finish()
    }

    /// The body for people: of one that cannot be masked only its length.
    package static func shown(_ body: [UInt8], of size: Int) -> String {
        guard body.count == size, let masked = masked(body) else { return "(\(size) bytes, which may hold secrets)" }
        return String(decoding: masked, as: UTF8.self)
    }

    private static func variables(_ json: JSON) -> JSON {
        guard case .object(let members) = json else { return hidden(json) }
        return .object(members.map { JSON.Member(name: $0.name, value: hidden($0.value)) })
    }

    /// A user that is not valid becomes the empty one, which is refused for the same reason.
    private static func user(_ json: JSON) -> JSON {
        guard case .string = json else { return hidden(json) }
        let body = JSON.object([.init(name: PolicyMember.user.rawValue, value: json)]).description
        return .string((try? MintRequest(reading: Array(body.utf8))) == nil ? "" : user)
    }

    private static func hidden(_ json: JSON) -> JSON {
        switch json {
        case .null: .null
        case .bool: .bool(false)
        case .number: .number(0)
        case .string: .string(text)
        case .array: .array([])
        case .object: .object([])
        }
    }
}
