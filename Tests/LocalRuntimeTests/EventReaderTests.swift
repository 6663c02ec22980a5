import FunctionCore
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeLambda

@Suite("Reading an event")
struct EventReaderTests {
    private func read(_ text: String) throws(FixtureError) -> Request {
        try EventReader.read(Array(text.utf8))
    }

    private func body(of request: Request) async throws -> String {
        String(decoding: try await request.body.collect(upTo: 1 << 20), as: UTF8.self)
    }

    @Test("the short form gives every part of a request")
    func short() async throws {
        let request = try read(
            """
            {"method":"POST","path":"/a%2Fb","query":"x=%20&y","headers":{"Accept":["a","b"],"X-One":"1"},"body":"é"}
            """
        )
        #expect(request.method == .post)
        #expect(request.path == "/a%2Fb")
        #expect(request.query == "x=%20&y")
        #expect(request.headers == ["accept": "a", "accept": "b", "x-one": "1"])
        try await expect(body(of: request), is: "é")
    }

    @Test("the short form needs only a path")
    func shortest() async throws {
        let request = try read(#"{"path":"/","query":null}"#)
        #expect(request.method == .get)
        #expect(request.query == nil)
        #expect(request.headers == [:])
        try await expect(body(of: request), is: "")
    }

    @Test(
        "the short form's body may be binary, or long",
        arguments: [
            (#"{"base64":""}"#, []), (#"{"base64":"/w=="}"#, [0xFF]),
            (#"{"repeat":"ab","times":2}"#, Array("abab".utf8)),
            (#"{"repeat":"a","times":0}"#, []), ("null", []),
        ] as [(String, [UInt8])]
    )
    func content(body: String, bytes: [UInt8]) async throws {
        let request = try read(#"{"path":"/","body":\#(body)}"#)
        try await expect(request.body.collect(upTo: 1 << 20), is: bytes)
    }

    @Test(
        "an event of AWS is recognized by its members",
        arguments: [
            #"{"version":"2.0","rawPath":"/a","rawQueryString":"x","requestContext":{"http":{"method":"PUT"}}}"#,
            #"{"resource":"/a","path":"/a","httpMethod":"PUT","queryStringParameters":{"x":null}}"#,
            #"{"requestContext":{"elb":{}},"path":"/a","httpMethod":"PUT","queryStringParameters":{"x":null}}"#,
        ]
    )
    func platform(text: String) throws {
        let request = try read(text)
        #expect(request.method == .put)
        #expect(request.path == "/a")
        #expect(request.query == "x")
    }

    @Test(
        "an invalid event is refused with the place of the error",
        arguments: [
            ("[]", ""), ("{}", ""), (#"{"path":1}"#, "/path"), (#"{"path":"a"}"#, "/path"),
            (#"{"path":"/?"}"#, "/path"),
            (#"{"path":"/ "}"#, "/path"), (#"{"path":"/é"}"#, "/path"), (#"{"path":"/","query":"a#b"}"#, "/query"),
            (#"{"path":"/","metod":"GET"}"#, "/metod"), (#"{"path":"/","method":"G T"}"#, "/method"),
            (#"{"path":"/","method":true}"#, "/method"), (#"{"path":"/","headers":[]}"#, "/headers"),
            (#"{"path":"/","headers":{"a b":"c"}}"#, "/headers/a b"),
            (#"{"path":"/","headers":{"a":1}}"#, "/headers/a"),
            (#"{"path":"/","headers":{"a":["b",1]}}"#, "/headers/a/1"),
            (#"{"path":"/","headers":{"a":"b\r\nc: d"}}"#, "/headers/a"), (#"{"path":"/","body":{}}"#, "/body"),
            (#"{"path":"/","body":["a"]}"#, "/body"), (#"{"path":"/","body":{"base64":"_"}}"#, "/body/base64"),
            (#"{"path":"/","body":{"base64":"","times":2}}"#, "/body/times"),
            (#"{"path":"/","body":{"repeat":"a"}}"#, "/body"),
            (#"{"path":"/","body":{"repeat":"","times":1}}"#, "/body/repeat"),
            (#"{"path":"/","body":{"repeat":"ab","times":4000000}}"#, "/body/times"),
            (#"{"version":"1.0","path":"/"}"#, ""), (#"{"version":"2.0","rawPath":"a"}"#, "/rawPath"),
            (#"{"httpMethod":"GET","path":"/"}"#, ""), (#"{"requestContext":null}"#, ""),
        ]
    )
    func malformed(text: String, pointer: String) {
        let error = #expect(throws: FixtureError.self) { try read(text) }
        guard case .content(.shape(let place, _)) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(place.description == pointer)
    }

    @Test("an event over 6 MiB is refused without being read")
    func tooLong() {
        #expect(throws: FixtureError.file(reason: "longer than 6291456 bytes")) {
            try EventReader.read([UInt8](repeating: 0x20, count: (6 << 20) + 1))
        }
    }
}
