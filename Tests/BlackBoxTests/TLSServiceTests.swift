import FunctionEventLoop
import FunctionTLS
import Support
import Testing

extension BlackBox {
    @Suite("TLS") struct TLSServiceTests {
        @Test(
            "a build without TLS refuses it at the start, and says how to build with it",
            .enabled(if: !TLSContext.isBuilt),
            arguments: [
                (Executable.token, ["REDIS_URL": "rediss://:hunter2@h"], "REDIS_URL"),
                (.stream, ["REDIS_URL": "rediss+cluster://h"], "REDIS_URL"),
                (.stream, ["REDIS_URL": "redis://h", "WORKFLOW_URL": "https://h"], "WORKFLOW_URL"),
            ]
        )
        func notBuilt(executable: Executable, settings: [String: String], name: String) async throws {
            let process = try FunctionProcess(executable, settings)
            try await expect(process.exitCode(), is: 1)
            #expect(process.output.contains("\(name) is not usable: "))
            #expect(process.output.contains("build with script/build --tls (swift build --traits TLS)"))
            #expect(!process.output.contains("hunter2"))
        }

        @Test(
            "files for TLS are refused if no URL uses it",
            arguments: [
                ["REDIS_URL": "redis://h", "REDIS_CA_FILE": "/ca"],
                ["REDIS_URL": "redis://h", "REDIS_CERT_FILE": "/c"],
                ["REDIS_URL": "redis://h", "REDIS_KEY_FILE": "/k"],
                ["REDIS_URL": "redis://h", "WORKFLOW_URL": "http://h", "WORKFLOW_CA_FILE": "/ca"],
            ]
        )
        func unused(settings: [String: String]) async throws {
            let process = try FunctionProcess(.stream, settings)
            try await expect(process.exitCode(), is: 1)
            #expect(process.output.contains("_FILE is set, but "))
        }

        #if TLS
        @Test(
            "an unusable file is reported at the start",
            arguments: [
                (
                    ["REDIS_CA_FILE": "/nowhere"],
                    "REDIS_CA_FILE is not usable: the CA certificates in /nowhere"
                ),
                (["REDIS_CERT_FILE": "/nowhere"], "REDIS_KEY_FILE is not usable: a client certificate needs both"),
                (
                    ["REDIS_CERT_FILE": "/etc/passwd", "REDIS_KEY_FILE": "/k"],
                    "REDIS_CERT_FILE is not usable: the client"
                ),
            ]
        )
        func badFile(settings: [String: String], words: String) async throws {
            let settings = settings.merging(["REDIS_URL": "rediss://h"]) { own, _ in own }
            let process = try FunctionProcess(.token, settings)
            try await expect(process.exitCode(), is: 1)
            #expect(process.output.contains(words), "\(process.output)")
        }

        @Test("a mint and a stream work if Redis and the workflow both require TLS")
        func stream() async throws {
            let certificates = try Certificates.shared
            let redis = try RedisServer(.tls(), arguments: ["--tls-auth-clients", "yes"])
            let settings = [
                "REDIS_CA_FILE": certificates.authority, "REDIS_CERT_FILE": certificates.certificate("client"),
                "REDIS_KEY_FILE": certificates.key("client"),
            ]
            let service = try await Service(redis, settings)
            try await expect(service.mint().status, is: 200)
            try await expect(service.end(), is: 0)
            let response = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\nby https"
            let script: [ScriptedServer.Step] = [.request, .text(response)]
            try await ScriptedServer.run({ _ in script }) { server in
                let front = try TLSFront(to: server.port)
                var settings = settings
                settings["WORKFLOW_URL"] = "https://localhost:\(front.port)"
                settings["WORKFLOW_CA_FILE"] = certificates.authority
                let service = try await StreamService(redis, settings)
                let token = try await service.organization.mint()
                let response = try await service.open(token)
                #expect(response.status == 200)
                #expect(response.body.contains("by https"))
                try await expect(service.end(), is: 0)
            }
        }

        @Test("the authorities that the environment names are trusted", arguments: ["SSL_CERT_FILE", "SSL_CERT_DIR"])
        func authorities(variable: String) async throws {
            let certificates = try Certificates.shared
            let response = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\nby https"
            let script: [ScriptedServer.Step] = [.request, .text(response)]
            try await ScriptedServer.run({ _ in script }) { server in
                let front = try TLSFront(to: server.port)
                let service = try await StreamService(
                    try RedisServer(),
                    [
                        "WORKFLOW_URL": "https://localhost:\(front.port)",
                        variable: variable == "SSL_CERT_FILE" ? certificates.authority : certificates.authorities,
                    ]
                )
                let token = try await service.organization.mint()
                let response = try await service.open(token)
                #expect(response.status == 200 && response.body.contains("by https"), "\(response)")
                try await expect(service.end(), is: 0)
            }
        }
        #endif
    }
}
