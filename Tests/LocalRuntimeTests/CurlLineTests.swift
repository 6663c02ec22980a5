import Foundation
import FunctionCore
import FunctionEventLoop
import Glibc
import Support
import Testing

@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeReplay

@Suite("A request's curl line", .enabled(if: access("/usr/bin/curl", X_OK) == 0, "there is no curl"))
struct CurlLineTests {
    private static let key = "sk_Fixed1theOnlySecretOfAFixtureNumber13PezG0"
    private static let token = "pub_tok_Fixed1aStreamTokenOfAFixtureNumber011aZXa0"
    private static let otherToken = "pub_tok_Fixed1theOnlySecretOfAFixtureNumber12vw6Es"
    /// The environment of the shells. The variables must reach curl only in place of secrets.
    private static let environment = [
        "PATH=/usr/bin:/bin", "HOME=/", "LC_ALL=C", "API_KEY=\(key)", "TOKEN=\(token)", "TOKEN_2=\(otherToken)",
    ]

    /// Every byte that a header's name may have besides letters and digits (RFC 9110, section 5.6.2).
    private static let names = "!#$%&'*+-.^_`|~x"
    private static let nasty =
        #"'\"`reboot` $(reboot) $API_KEY ${HOME} \n \\ %s %d !! !1 ; & | < > ( ) { } [1-3] {a,b} * ? ~"#

    private static let events = [
        #"{"path":"/plain"}"#,
        #"{"path":"/a/../b/./c//d/..","query":"a=[1-3]&b={a,b}&c=$(reboot)&d=`reboot`&e='&f=!!&g=*&h=\\"}"#,
        #"{"path":"/[1-3]/{a,b}/%2e%2E/%00;x=1,2@","query":""}"#,
        #"{"path":"//host/'$(reboot)'`reboot`!x"}"#,
        #"{"path":"/","headers":{"\#(names)":"`reboot`","x-empty":"","x-two":["1","2"],"x-at":"@/etc/hostname"}}"#,
        #"{"path":"/","headers":{"x":"\#(nasty.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\""))"}}"#,
        #"{"path":"/","headers":{"x-octets":"\u00ff\u0080é\u00a0","x-text":"\u00c3\u00a9","x-tab":"a\tb","x-dash":"-d"}}"#,
        #"{"path":"/","headers":{"authorization":"Bearer \#(key), Bearer \#(token)","x":"\#(otherToken)$TOKEN"}}"#,
        #"{"method":"POST","path":"/","query":"token=\#(token)","body":"@/etc/hostname"}"#,
        #"{"method":"POST","path":"/","body":"{\"a\":\"it's `reboot` $(reboot) \\\\ %s !! \u202e x\"}"}"#,
        #"{"method":"POST","path":"/","body":"two\nlines\r\n\n"}"#,
        #"{"method":"POST","path":"/","body":"-n \\041 %% 'x' \u0000 \u001b[2J 1\u000012 \#(key)!"}"#,
        #"{"method":"POST","path":"/","body":{"base64":"/wAKJyIhJSVcYLB4gA=="}}"#,
        #"{"method":"POST","path":"/","body":{"base64":"AAAA"}}"#,
        #"{"method":"POST","path":"/","body":{"repeat":"a","times":300000}}"#,
        #"{"method":"POST","path":"/","body":{"repeat":"'","times":2001}}"#,
        #"{"method":"PO'ST`x`$!","path":"/","body":"x"}"#,
        #"{"method":"GET","path":"/","body":"a body of a GET"}"#,
        #"{"method":"HEAD","path":"/head"}"#,
        #"{"method":"HEAD","path":"/head","body":"a body of a HEAD"}"#,
        #"{"method":"OPTIONS","path":"/","headers":{"origin":"null","cookie":"a=b; c=\"d\""}}"#,
        #"{"version":"2.0","rawPath":"/é'","rawQueryString":"a=%00&b='#$(x)","requestContext":{"http":{"method":"PUT"}},"body":"Jw==","isBase64Encoded":true}"#,
    ]

    @Test(
        "pasted into a shell, it sends exactly that request",
        arguments: events,
        [["sh", "-c"], ["bash", "-c"]]
    )
    func sends(event: String, shell: [String]) async throws {
        try await expectRequest(event, isSentBy: shell)
    }

    @Test("pasted into an interactive bash, it is not expanded by the history", arguments: events)
    func interactive(event: String) async throws {
        try await expectRequest(event, isSentBy: ["bash", "--norc", "--noprofile", "-i"])
    }

    private func expectRequest(_ event: String, isSentBy shell: [String]) async throws {
        let request = try EventReader.read(Array(event.utf8))
        let echo = try Echo()
        let line = CurlLine.text(request, at: "http://127.0.0.1:\(echo.port)")
        #expect(!line.contains(Self.key) && !line.contains(Self.token) && !line.contains(Self.otherToken))
        #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "\u{202E}" }, "one line: \(line)")
        try run(line, by: shell)
        let received = try #require(echo.received(), "nothing came of \(line)")
        #expect(received.method == request.method.name, "\(line)")
        #expect(received.target == request.path + (request.query.map { "?" + $0 } ?? ""), "\(line)")
        for name in Set(request.headers.fields.map(\.name.string)) {
            let values = request.headers.fields.filter { $0.name.string == name }.map { field in
                field.value.string.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
            }
            #expect(received.fields.filter { $0.name == name }.map(\.value) == values, "\(name) of \(line)")
        }
        let own = ["host", "user-agent", "accept", "content-type", "content-length", "expect"]
        let others = received.fields.map(\.name).filter { name in
            !own.contains(name) && !request.headers.fields.contains { $0.name.string == name }
        }
        #expect(others == [], "\(line)")
        let body: [UInt8] = if case .bytes(let bytes) = request.body.storage { bytes } else { [] }
        #expect(received.body == body, "\(line)")
    }

    @Test("a body that is too long to print is read from a file that the user has to create")
    func longBody() throws {
        let body = (0..<2001).map { UInt8($0 % 251) }
        let line = CurlLine.text(Request(method: .post, path: "/", body: .bytes(body)), at: "http://127.0.0.1:1")
        #expect(line.hasSuffix(" --data-binary @- <BODY-OF-2001-BYTES"))
    }

    @Test("a secret in the target becomes a variable, percent-encoded or not; each secret has its own")
    func secrets() {
        let encoded = "%70ub_tok_" + Self.token.dropFirst(8)
        let query = "token=\(encoded)&other=\(Self.otherToken)&again=\(Self.token)"
        let line = CurlLine.text(Request(path: "/a", query: query), at: "http://h")
        #expect(
            line == "curl -i --globoff --path-as-is "
                + #"'http://h/a?token='"$TOKEN"'&other='"$TOKEN_2"'&again='"$TOKEN""#
        )
    }

    private func run(_ line: String, by shell: [String]) throws {
        let (input, writing) = try Spawn.makePipe()
        let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(null) }
        let isScript = shell.contains("-c")
        let child = try Spawn.process(
            shell + (isScript ? [line] : []),
            environment: Self.environment,
            input: input,
            output: null
        )
        close(input)
        // The first lines give the shell a history.
        let text = Array((isScript ? "" : "true reboot\ntrue 1\n" + line + "\n").utf8)
        #expect(write(writing, text, text.count) == text.count)
        close(writing)
        _ = Spawn.end(of: child)
    }
}

/// A server that reads the bytes of one request, valid or not.
private final class Echo: Sendable {
    let port: UInt16
    private let listener: Int32
    private let bytes = Lock<[UInt8]>([])
    private let isDone = Gate()

    struct Received {
        let method: String
        let target: String
        let fields: [(name: String, value: [UInt8])]
        let body: [UInt8]
    }

    init() throws {
        port = try FreePort.find()
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let bound = SocketAddress.loopback(port).withPointer { [listener] in bind(listener, $0, $1) }
        guard bound == 0, listen(listener, 4) == 0 else { throw SystemError("listen") }
        Thread.detachNewThread { [self] in
            serve()
            isDone.open()
        }
    }

    deinit {
        close(listener)
    }

    private func serve() {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        defer { close(connection) }
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while !isWhole {
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { return }
            bytes.withLock { [chunk] in $0 += chunk[..<count] }
        }
        let response = Array("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".utf8)
        send(connection, response, response.count, Int32(MSG_NOSIGNAL))
    }

    private var isWhole: Bool {
        guard let request = parsed else { return false }
        let length = request.fields.first { $0.name == "content-length" }?.value ?? []
        return request.body.count >= Int(String(decoding: length, as: UTF8.self)) ?? 0
    }

    /// The request, once the client has sent it; nil if it is incomplete.
    func received() -> Received? {
        // Wakes the thread if no client has connected.
        shutdown(listener, Int32(SHUT_RDWR))
        return isDone.waitBlocking() && isWhole ? parsed : nil
    }

    private var parsed: Received? {
        let bytes = bytes.withLock { $0 }
        guard let head = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = bytes[..<head.lowerBound].split(separator: 10).map { $0.last == 13 ? $0.dropLast() : $0 }
        let line = String(decoding: lines[0], as: UTF8.self).split(separator: " ").map(String.init)
        guard line.count == 3 else { return nil }
        let fields = lines.dropFirst().map { field in
            let name = String(decoding: field.prefix { $0 != 58 }, as: UTF8.self).lowercased()
            return (name, Array(field.drop { $0 != 58 }.dropFirst().drop { $0 == 32 }))
        }
        return Received(method: line[0], target: line[1], fields: fields, body: Array(bytes[head.upperBound...]))
    }
}
