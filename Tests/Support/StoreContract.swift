public import Testing

/// A behaviour that every store must have. All of them are run on every store.
public struct StoreContract: Sendable, CustomTestStringConvertible {
    let name: String
    let check: @Sendable (StoreFixture) async throws -> Void

    init(_ name: String, _ check: @escaping @Sendable (StoreFixture) async throws -> Void) {
        self.name = name
        self.check = check
    }

    public func run(on fixture: StoreFixture) async throws {
        try await check(fixture)
    }

    public var testDescription: String { name }

    public static let all =
        minting + simultaneousMints + redemption + admission + waiting + policies + credits + revocation + cancellation
        + administration + keys
}
