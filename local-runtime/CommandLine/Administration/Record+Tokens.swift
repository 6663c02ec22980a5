import FunctionBytes
import FunctionCore
import FunctionTesting
import LocalRuntimeFixtures
import StreamTokens

extension Record {
    init(_ key: KeyRecord) {
        fields = [
            Field("id", key.id),
            Field("organization", key.organization),
            Field("enabled", .bool(key.enabled), text: key.enabled ? "yes" : "no"),
            Field("limit", key.rate.limit),
            Field("window", .number(key.rate.seconds), text: JSON.number(key.rate.seconds).description),
        ]
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

    /// Times are those that the state has.
    init(_ token: TokenState) {
        switch token {
        case .live(let keyID, let minted, let expiry):
            fields = [
                Field("state", "live"), Field("key_id", keyID), Field("minted", time: minted),
                Field("expires", time: expiry),
            ]
        case .reserved(let keyID, let minted, let expiry, let leaseEnd):
            fields = [
                Field("state", "reserved"), Field("key_id", keyID), Field("minted", time: minted),
                Field("expires", time: expiry), Field("lease_ends", time: leaseEnd),
            ]
        case .used(let keyID, let at):
            fields = [Field("state", "used"), Field("key_id", keyID), Field("used_at", time: at)]
        case .revoked(let keyID, let at):
            fields =
                [Field("state", "revoked"), Field("key_id", keyID)] + (at.map { [Field("revoked_at", time: $0)] } ?? [])
        case .unknown:
            fields = [Field("state", "unknown")]
        }
    }
}

extension Record.Field {
    /// A time in milliseconds since 1970.
    fileprivate init(_ name: String, time: Int) {
        self.init(name, CalendarTime.rfc3339(milliseconds: time))
    }
}
