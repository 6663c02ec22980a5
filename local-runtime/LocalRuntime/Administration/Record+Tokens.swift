import Function
import Tokens

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
            Field(
                "credits",
                credits.map { .number(Double($0)) } ?? .null,
                text: credits.map(String.init) ?? "unlimited"
            ),
            Field("held", organization.held),
            Field("open", organization.open),
            Field("max_streams", organization.maxStreams),
        ]
    }
}
