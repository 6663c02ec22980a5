import PlatformEvents
import Testing

@Suite("Platform events")
struct PlatformEventTests {
    @Test("what is no JSON is refused")
    func noJSON() {
        #expect(throws: PlatformEventError.self) { try PlatformEvent(reading: [0x7B]) }
    }
}
