import FunctionBytes
import FunctionCore
import FunctionTesting
import LocalRuntimeConsole
import LocalRuntimeFixtures
import StreamTokens

/// A key, an organization or a token as a list of fields, to print for a person or a program.
struct Record: Sendable {
    let fields: [Field]

    struct Field: Sendable {
        let name: String
        let value: JSON
        let text: String

        init(_ name: String, _ text: String) {
            self.init(name, .string(text), text: text)
        }

        init(_ name: String, _ number: Int) {
            self.init(name, .number(Double(number)), text: String(number))
        }

        init(_ name: String, _ value: JSON, text: String) {
            self.name = name
            self.value = value
            self.text = text
        }
    }

    static let jsonOption = CommandSyntax.Option(name: "--json", summary: "Print JSON")

    private var json: JSON {
        .object(fields.map { JSON.Member(name: $0.name, value: $0.value) })
    }

    /// Prints one field per line.
    func print(to output: Output, asJSON: Bool) {
        guard !asJSON else { return output.line(json.description) }
        let width = output.isTerminal ? fields.map(\.name.count).max() ?? 0 : 0
        let separator = output.isTerminal ? "  " : "\t"
        for field in fields { output.line(field.name.padded(to: width) + separator + field.text) }
    }

    /// Prints one record per line.
    static func print(_ records: [Record], to output: Output, asJSON: Bool) {
        guard !asJSON else { return output.line(JSON.array(records.map(\.json)).description) }
        guard let first = records.first else { return }
        let header = first.fields.map { $0.name.uppercased() }
        Table(header: header, rows: records.map { $0.fields.map(\.text) }).print(to: output)
    }

    /// `tellsPolicy` adds whether the key requires policies. Lines of keys that do not are as they were before there
    /// were policies.
    init(_ key: KeyRecord, tellsPolicy: Bool) {
        fields =
            [
                Field("id", key.id),
                Field("organization", key.organization),
                Field("enabled", .bool(key.enabled), text: key.enabled ? "yes" : "no"),
                Field("limit", key.rate.limit),
                Field("window", .number(key.rate.seconds), text: JSON.number(key.rate.seconds).description),
                Field("name", key.name.map(JSON.string) ?? .null, text: key.name ?? ""),
            ]
            + (tellsPolicy
                ? [Field("requires_policy", .bool(key.requiresPolicy), text: key.requiresPolicy ? "yes" : "no")] : [])
    }

    init(_ organization: Organization) {
        let credits = organization.credits
        fields = [
            Field("name", organization.name),
            Field("tag", organization.tag.text),
            Field("credits", credits.map(JSON.number) ?? .null, text: credits.map(String.init) ?? "unlimited"),
            Field("held", organization.held),
            Field("open", organization.open),
            Field("max_streams", organization.maxStreams),
        ]
    }

    init(_ token: StreamToken, _ details: TokenDetails) {
        let state = details.state
        let (keyID, times): (String?, KeyValuePairs<String, Int?>) =
            switch state {
            case .live(let keyID, let minted, let expiry): (keyID, ["minted": minted, "expires": expiry])
            case .reserved(let keyID, let minted, let expiry, let leaseEnd):
                (keyID, ["minted": minted, "expires": expiry, "lease_ends": leaseEnd])
            case .used(let keyID, let at): (keyID, ["used_at": at])
            case .revoked(let keyID, let at): (keyID, ["revoked_at": at])
            case .unknown: (nil, [:])
            }
        fields =
            [Field("state", state.word), Field("token_id", token.id), Field("organization_tag", token.tag.text)]
            + (keyID.map { [Field("key_id", $0)] } ?? [])
            + times.compactMap { name, time in time.map { Field(name, CalendarTime.rfc3339(milliseconds: $0)) } }
            + Self.fields(of: details)
    }

    /// What the token's policy says, without any value of a locked variable.
    private static func fields(of details: TokenDetails) -> [Field] {
        var fields: [Field] = []
        if let user = details.user { fields.append(Field("user", user)) }
        if let policy = details.policy {
            for case (let name, let values?) in [
                ("workflows", policy.workflows), ("locked", policy.variables?.members.map(\.name)),
                ("allow", policy.allow), ("origins", policy.origins),
            ] {
                // Variables may have any name.
                let text = values.map { Shown.line($0) }.joined(separator: ", ")
                fields.append(Field(name, .array(values.map(JSON.string)), text: text))
            }
            if let maxSeconds = policy.maxSeconds { fields.append(Field("max_seconds", maxSeconds)) }
            if let opens = policy.opens { fields.append(Field("opens", opens.rawValue)) }
            if let resumeSeconds = policy.resumeSeconds { fields.append(Field("resume_seconds", resumeSeconds)) }
        }
        if let refusal = details.refusal {
            fields.append(Field("last_refusal", refusal.reason.rawValue))
            fields.append(Field("last_refusal_at", CalendarTime.rfc3339(milliseconds: refusal.time)))
        }
        return fields
    }
}
