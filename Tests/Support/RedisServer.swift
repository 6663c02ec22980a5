import Foundation
import FunctionEventLoop
public import FunctionRedis
public import FunctionTLS
import Glibc

/// A test's own redis-server, in its own folder, which ends with the test process at the latest.
public final class RedisServer: Sendable {
    /// How the server is reached.
    public enum Transport: Sendable {
        case unix
        case tcp
        /// TLS only, with the certificate of this name (``Certificates``).
        case tls(certificate: String = "server")
    }

    /// Why a server did not start.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public let url: RedisURL
    /// The folder of its socket and files.
    public let folder: String
    private let arguments: [String]
    private let process: Lock<ServerProcess?>

    /// Starts a server and waits until it accepts connections. It keeps nothing on disk, unless `arguments` say
    /// otherwise.
    public init(_ transport: Transport = .unix, arguments: [String] = []) throws {
        let folder = try Self.makeFolder()
        self.folder = folder
        let fixed = ["--dir", folder, "--save", "", "--appendonly", "no"] + arguments
        do {
            switch transport {
            case .unix:
                url = RedisURL(.unix(path: folder + "/redis.sock"))
                self.arguments = fixed + ["--port", "0", "--unixsocket", folder + "/redis.sock"]
                process = Lock(try ServerProcess(self.arguments, folder: folder))
            case .tcp:
                (url, self.arguments, process) = try Self.startOnFreePort(fixed, "--port", folder)
            case .tls(let name):
                // `arguments` come last, so they win.
                let all = try Certificates.shared.serverArguments(name) + fixed
                let (plain, arguments, process) = try Self.startOnFreePort(all, "--tls-port", folder)
                (self.arguments, self.process) = (arguments, process)
                url = RedisURL(plain.endpoint, isEncrypted: true)
            }
        } catch {
            ServerProcess.removeFolder(folder)
            throw error
        }
    }

    /// The port it listens on, if any.
    public var port: UInt16? {
        if case .tcp(_, let port) = url.endpoint { port } else { nil }
    }

    /// The TLS context that a client of this server needs.
    public var tls: TLSContext {
        get throws { url.isEncrypted ? try .ofTests(certificate: "client") : .system }
    }

    deinit {
        kill()
        ServerProcess.removeFolder(folder)
    }

    /// One of several servers that know each other from the start: `files` are written to its folder before it starts.
    init(_ url: RedisURL, files: [String: String], arguments: (_ folder: String) -> [String]) throws {
        folder = try Self.makeFolder()
        self.url = url
        self.arguments = arguments(folder)
        do {
            for (name, text) in files {
                try text.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
            }
            process = Lock(try ServerProcess(self.arguments, folder: folder))
        } catch {
            ServerProcess.removeFolder(folder)
            throw error
        }
    }

    /// Ends the server at once, like a crash.
    public func kill() {
        process.withLock { process in
            process?.kill()
            process = nil
        }
    }

    /// Whether it was started, and neither killed nor suspended.
    public var isRunning: Bool { process.withLock { $0.map { !$0.isSuspended } ?? false } }

    /// Kills the server if it runs, and starts another at the same address, with an empty database.
    public func restart() throws {
        try process.withLock { process in
            process?.kill()
            process = nil
            process = try ServerProcess(arguments, folder: folder)
        }
    }

    /// Freezes the server: its connections stay open, but it does not reply.
    public func suspend() {
        process.withLock { $0?.suspend() }
    }

    /// Lets a suspended server continue.
    public func resume() {
        process.withLock { $0?.resume() }
    }

    private static func startOnFreePort(
        _ arguments: [String],
        _ portOption: String,
        _ folder: String
    ) throws -> (RedisURL, [String], Lock<ServerProcess?>) {
        var attempts = 0
        while true {
            attempts += 1
            let port = try FreePort.find()
            let all = arguments + ["--bind", "127.0.0.1", portOption, "\(port)"]
            do {
                let process = try ServerProcess(all, folder: folder)
                return (RedisURL(.tcp(host: "127.0.0.1", port: port)), all, Lock(process))
            } catch  where attempts < 5 {
                // Another process has taken the port meanwhile.
                continue
            }
        }
    }

    private static func makeFolder() throws -> String {
        var template = Array("/tmp/redis-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(description: "no temporary folder") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
