import Foundation
import FunctionCore
import FunctionEventLoop
import FunctionRuntime
import StreamTokens
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeCommands
@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeRecording
@testable import LocalRuntimeReplay

/// A server that records its calls in the test's own folder.
struct Recording {
    /// The path of a stream that returns its input.
    static let echo = "/api/v1/run/echo/stream"

    let port: UInt16
    /// A key of the organization demo.
    let secret: String
    let store: LocalStore
    private let folder: TemporaryFolder
    private let console: CapturedConsole

    /// Serves on two loops while `body` runs, and returns what was recorded.
    static func during(
        redis: RedisServer? = nil,
        environment: [String: String] = [:],
        rate: RateLimit = RateLimit(limit: 1000, seconds: 1),
        _ body: (Recording) async throws -> Void
    ) async throws -> Recorded {
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        var environment = environment
        environment["LOOPS"] = "2"
        let folder = try TemporaryFolder()
        let console = CapturedConsole(environment: environment)
        let store = LocalStore(redis.map { RedisLocation.Server(url: $0.url, text: "") }, on: loop)
        let recorder = FixtureRecorder(
            try FixtureFolder(folder.path + "/recorded"),
            store,
            environment: environment,
            messages: console.console.messages
        )
        let server = try LocalServer(
            store,
            host: "127.0.0.1",
            port: 0,
            environment: environment,
            recorder: recorder,
            sink: LogSink(descriptor: -1)
        )
        let secret = try await store.administration.makeKey(of: "demo", rate).secret
        try server.start(demoKey: secret)
        let writing = loop.start { await recorder.run(on: loop) }
        let recording = Recording(
            port: try #require(server.address.port),
            secret: secret,
            store: store,
            folder: folder,
            console: console
        )
        do {
            try await body(recording)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
        recorder.finish()
        await writing.value
        return try Recorded(folder: folder, messages: console.messages)
    }

    func ask(
        _ target: String,
        method: String = "GET",
        key: String? = nil,
        fields: String = "",
        body: String = ""
    ) async throws -> String {
        try await LocalRuntimeTests.ask(port, target, method: method, key: key, fields: fields, body: body)
    }

    /// A new token.
    func mint(ttl: Int = 60) async throws -> String {
        let response = try await ask("/api/v1/token?ttl=\(ttl)", key: secret)
        return String(try #require(response.firstMatch(of: /pub_tok_[A-Za-z0-9]+/)?.output))
    }

    /// A new key with this rate for an organization of this name.
    func makeKey(of organization: String, _ rate: RateLimit = .default) async throws -> (key: APIKey, secret: String) {
        try await store.administration.makeKey(of: organization, rate)
    }
}

/// The files and messages of a recording.
struct Recorded {
    private let folder: TemporaryFolder
    /// The files' contents by name.
    let files: [String: String]
    let messages: String

    init(folder: TemporaryFolder, messages: String) throws {
        self.folder = folder
        self.messages = messages
        var files: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path + "/recorded") {
            files[name] = try String(contentsOfFile: "\(folder.path)/recorded/\(name)", encoding: .utf8)
        }
        self.files = files
    }

    var names: [String] { files.keys.sorted() }

    /// A file's JSON.
    func json(_ name: String) throws -> JSON {
        try JSONReader.read(Array(try #require(files[name], "\(name) among \(names); \(messages)").utf8))
    }

    /// Every expectation and every scenario.
    var fixtures: [JSON] {
        get throws {
            try names.filter { $0.hasSuffix(".expect.json") || $0.hasSuffix(".scenario.json") }.map { try json($0) }
        }
    }

    /// Replays everything that was recorded.
    func replay(_ words: [String] = []) async throws -> (code: ExitCode, output: String) {
        let console = CapturedConsole()
        let code = try await console.run(["replay", folder.path + "/recorded"] + words)
        return (code, console.output + console.messages)
    }
}

extension JSON {
    /// The value at a path of members.
    subscript(_ names: String...) -> JSON? {
        names.reduce(self) { json, name in
            guard case .object(let members)? = json else { return nil }
            return members.first { $0.name == name }?.value
        }
    }
}
