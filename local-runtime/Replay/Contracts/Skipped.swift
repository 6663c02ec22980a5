/// Why a fixture, or a part of it, has no room in a back end.
struct Skipped: Error, Hashable, Sendable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
