import Foundation
import FunctionEventLoop
import Glibc
import Support
import Testing

extension BlackBox {
    @Suite("over IPv4 and IPv6") struct FamilyTests {
        /// Runs argv[1] as on a kernel without IPv6: socket(2) with AF_INET6 fails with EAFNOSUPPORT.
        private static let launcher = Seccomp.launcher(
            """
            call = 41 if platform.machine() == 'x86_64' else 198
            program += [(equal, 0, 3, call), (load, 0, 0, 16), (equal, 0, 1, 10), (give, 0, 0, 0x50000 | 97)]
            """,
            argument: 1
        )

        /// The beginning of liveness' response at an address; nil if nothing listens there.
        private func ask(_ host: String, _ port: UInt16) throws -> String? {
            let address = try #require(SocketAddress(ip: host, port: port))
            let request = Array("GET /health/liveness HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n".utf8)
            let response = try? BlockingExchange.exchange(request, with: [address], limit: .seconds(10))
            return response.map { String(decoding: $0.prefix(12), as: UTF8.self) }
        }

        private func process(_ settings: [String: String]) throws -> FunctionProcess {
            try FunctionProcess(.token, settings.merging(["REDIS_URL": "redis://127.0.0.1:1", "PORT": "0"]) { $1 })
        }

        @Test(
            "without HOST, and with HOST=::, it serves both on all its ports",
            arguments: [
                [:], ["HOST": "::"], ["LOOPS": "1", "METRICS_PORT": "0"], ["HOST": "[::]", "METRICS_PORT": "0"],
            ]
        )
        func both(settings: [String: String]) async throws {
            let process = try process(settings)
            let port = try await process.port()
            for host in ["127.0.0.1", "::1"] {
                // The machine may have no IPv6.
                guard host == "127.0.0.1" || Listener.everyAddress == "::" else { continue }
                try expect(ask(host, port), is: "HTTP/1.1 200")
                if let port = process.metricsPort { try expect(ask(host, port), is: "HTTP/1.1 404") }
            }
        }

        @Test(
            "with HOST=0.0.0.0 and HOST=::1 it serves only that family",
            arguments: [("0.0.0.0", "::1"), ("::1", "127.0.0.1")]
        )
        func one(host: String, other: String) async throws {
            guard Listener.everyAddress == "::" else { return }
            let process = try process(["HOST": host])
            let port = try await process.port()
            try expect(ask(host == "::1" ? "::1" : "127.0.0.1", port), is: "HTTP/1.1 200")
            try expect(ask(other, port), is: nil)
        }

        @Test("without IPv6 it serves over IPv4, and exits with the reason if HOST is ::", arguments: [nil, "::"])
        func without(host: String?) async throws {
            let settings = [
                "REDIS_URL": "redis://127.0.0.1:1", "PORT": "0", "PATH": "/usr/bin:/bin", "METRICS_PORT": "0",
            ]
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["python3", "-c", Self.launcher, FunctionProcess.path(of: .token)]
            process.environment = FunctionProcess.environment(settings.merging(host.map { ["HOST": $0] } ?? [:]) { $1 })
            let output = Pipe()
            process.standardError = output
            try process.run()
            defer { process.terminate() }
            var text = ""
            while !text.contains(#""listening""#) {
                let more = output.fileHandleForReading.availableData
                guard !more.isEmpty else { break }
                text += String(decoding: more, as: UTF8.self)
            }
            guard host == nil else {
                process.waitUntilExit()
                #expect(process.terminationStatus == 3)
                #expect(text.contains("::, port 0: this machine has no addresses of that kind"))
                return
            }
            let port = text.firstMatch(of: /"address":"0\.0\.0\.0:(\d+)"/).flatMap { UInt16($0.1) }
            try expect(ask("127.0.0.1", #require(port, "\(text)")), is: "HTTP/1.1 200")
        }
    }
}
