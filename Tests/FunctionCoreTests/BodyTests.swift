import FunctionCore
import Support
import Testing

@Suite("Bodies")
struct BodyTests {
    @Test("bytes and streams are collected whole")
    func collect() async throws {
        try await expect(Body.text("abc").collect(upTo: 3), is: Array("abc".utf8))
        try await expect(Body.empty.collect(upTo: 0), is: [])
        let stream = Body.stream { writer in
            try await writer.write(Array("ab".utf8))
            try await writer.write([])
            try await writer.write(Array("c".utf8))
        }
        try await expect(stream.collect(upTo: 3), is: Array("abc".utf8))
    }

    @Test("a body over the limit is refused as soon as that is known")
    func tooLarge() async {
        await #expect(throws: Body.TooLarge.self) { try await Body.text("abc").collect(upTo: 2) }
        await #expect(throws: Body.TooLarge.self) {
            try await Body.stream(length: 3) { _ in Issue.record("the stream began") }.collect(upTo: 2)
        }
        await #expect(throws: Body.TooLarge.self) {
            try await Body.stream { writer in
                try await writer.write([1, 2])
                try await writer.write([3])
                Issue.record("the stream went on")
            }.collect(upTo: 2)
        }
    }

    @Test("an error that a stream throws reaches its reader")
    func failure() async {
        struct Broken: Error {}
        await #expect(throws: Broken.self) { try await Body.stream { _ in throw Broken() }.collect(upTo: 1) }
    }

    @Test("the length is known for bytes, and for a stream that states it")
    func length() {
        #expect(Body.text("caf\u{e9}").length == 5)
        #expect(Body.stream(length: 7) { _ in }.length == 7)
        #expect(Body.stream { _ in }.length == nil)
    }
}
