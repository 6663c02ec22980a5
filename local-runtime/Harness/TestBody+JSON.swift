import Foundation

extension TestBody {
    /// All that is left, as JSON that holds such a value.
    public func json<Value: Decodable>(_ type: Value.Type = Value.self) async throws -> Value {
        try JSONDecoder().decode(type, from: Data(try await bytes()))
    }
}
