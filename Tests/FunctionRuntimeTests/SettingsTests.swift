import FunctionEventLoop
import FunctionHTTP
import Testing

@testable import FunctionRuntime

@Suite("Settings")
struct SettingsTests {
    @Test("an absent or empty setting has its default")
    func defaults() {
        var settings = Settings(environment: ["PORT": ""])
        let options = RuntimeOptions(&settings)
        #expect(settings.problems.isEmpty)
        #expect(options.port == 8080)
        #expect(options.host == nil)
        // Google's load balancers keep a connection for 600 s and may reuse it until then.
        #expect(options.server.idleTimeout > .seconds(600))
        #expect(options.logLevel == .info)
        #expect(options.loops == nil)
    }

    @Test(
        "a wrong setting is reported with what it must be",
        arguments: [
            ("PORT", "http", "PORT must be a whole number from 0 to 65535, not \"http\""),
            ("PORT", "65536", "PORT must be a whole number from 0 to 65535, not \"65536\""),
            ("PORT", "-1", "PORT must be a whole number from 0 to 65535, not \"-1\""),
            ("PORT", "+1", "PORT must be a whole number from 0 to 65535, not \"+1\""),
            ("LOOPS", "0", "LOOPS must be a whole number from 1 to 1024, not \"0\""),
            ("LOG_LEVEL", "loud", "LOG_LEVEL must be one of debug, info, warning, error, not \"loud\""),
            (
                "PATH_PREFIX", "https://a.example/streams",
                "PATH_PREFIX must be a path such as /streams, not \"https://a.example/streams\": not a URL, without a "
                    + "query, other characters percent-encoded"
            ),
            (
                "HOST", "localhost",
                "HOST must be an IPv4 or IPv6 address such as 0.0.0.0 or ::, not \"localhost\"; if it is the machine's name, "
                    + "which csh and some schedulers put there, unset it"
            ),
            ("IDLE_SECONDS", "0", "IDLE_SECONDS must be a whole number from 1 to 86400, not \"0\""),
        ]
    )
    func problems(name: String, value: String, problem: String) {
        var settings = Settings(environment: [name: value])
        _ = RuntimeOptions(&settings)
        #expect(settings.problems == [problem])
    }

    @Test(
        "a prefix that cannot be part of a path is refused",
        arguments: ["/a?b", "/a#b", "/a b", "/ä", "/a//b", "/a/../b", "/."]
    )
    func wrongPrefix(text: String) {
        var settings = Settings(environment: ["PATH_PREFIX": text])
        _ = RuntimeOptions(&settings)
        #expect(settings.problems.count == 1)
    }

    @Test("all wrong settings are reported at once")
    func allAtOnce() {
        var settings = Settings(environment: ["PORT": "x", "LOOPS": "y", "GRACE_SECONDS": "z"])
        _ = RuntimeOptions(&settings)
        #expect(settings.problems.count == 3)
    }

    @Test("IDLE_SECONDS may be longer than a proxy in front keeps a connection")
    func idle() {
        var settings = Settings(environment: ["IDLE_SECONDS": "3700"])
        #expect(RuntimeOptions(&settings).server.idleTimeout == .seconds(3700))
    }

    @Test(
        "HOST may be an IPv4 or IPv6 address, in brackets or not",
        arguments: [("::", "::"), ("[::1]", "::1"), ("0.0.0.0", "0.0.0.0"), ("10.0.0.1\n", "10.0.0.1")]
    )
    func hosts(text: String, host: String) {
        var settings = Settings(environment: ["HOST": text])
        #expect(RuntimeOptions(&settings).host == host)
        #expect(settings.problems.isEmpty)
    }

    @Test(
        "a HOST that conda's compilers have set is ignored, and noted",
        arguments: ["x86_64-conda-linux-gnu", "aarch64-conda_cos7-linux-gnu", "x86_64-pc-linux-musl"]
    )
    func triplet(text: String) {
        var settings = Settings(environment: ["HOST": text])
        #expect(RuntimeOptions(&settings).host == nil)
        #expect(settings.problems.isEmpty)
        #expect(settings.notes == ["HOST is \"\(text)\", as conda's compilers set it, and is ignored"])
    }

    @Test(
        "a HOST that only resembles a compiler's triplet is refused",
        arguments: [
            "linux-gnu", "web-1-linux", "my-linux-box", "a--b", "localhost", "127.0.0.1.example", "[::1", "::1]",
        ]
    )
    func noTriplet(text: String) {
        var settings = Settings(environment: ["HOST": text])
        _ = RuntimeOptions(&settings)
        #expect(settings.problems.count == 1)
    }

    @Test(
        "a service link named like a setting is ignored, and no setting is named like a link's other variables"
    )
    func serviceLinks() {
        var settings = Settings(environment: [:])
        _ = RuntimeOptions(&settings)
        let names = Set(settings.known.map(\.name)).union(Contract.variables)
        #expect(names.contains("METRICS_PORT"))
        // The variables that Kubernetes and Docker set beside `…_PORT`.
        let others = /.+_SERVICE_(?:HOST|PORT.*)|.+_PORT_[0-9]+_(?:TCP|UDP|SCTP).*|.+_NAME|.+_ENV_.+/
        for name in names {
            #expect(name.wholeMatch(of: others) == nil)
            guard name.hasSuffix("_PORT") else { continue }
            for value in ["tcp://10.0.0.1:9100", "udp://[fd00::1]:53", "sctp://10.0.0.1:1"] {
                var settings = Settings(environment: [name: value])
                let options = RuntimeOptions(&settings)
                #expect(settings.problems.isEmpty && settings[name] == nil)
                #expect(options.contract == ContractChoice(.http, because: "no platform announces itself"))
                #expect(options.metricsPort == nil && options.port == 8080)
                #expect(settings.notes.count == 1)
                #expect(
                    settings.notes.first?.hasPrefix("\(name) is \"\(value)\", as Kubernetes sets it for a Service")
                        == true
                )
            }
        }
    }

    @Test(
        "a wrong port that is not a link is reported, and PORT itself is never a link",
        arguments: ["http://10.0.0.1", "tcp:1"]
    )
    func noServiceLinks(value: String) {
        for (name, value) in [("METRICS_PORT", value), ("PORT", "tcp://10.0.0.1:1"), ("_PORT", value)] {
            var settings = Settings(environment: [name: value])
            _ = RuntimeOptions(&settings)
            #expect(settings.problems.count == (name == "_PORT" ? 0 : 1))
            #expect(settings.notes.isEmpty)
        }
    }

    @Test("blanks and line ends around a setting of any kind are ignored, and noted once")
    func blanks() {
        let environment = [
            "PORT": "9000\n", "LOG_LEVEL": " debug\r\n", "LOOPS": "2\t", "PATH_PREFIX": "/a\n", "AWS_LWA_PORT": "\n",
            "GRACE_SECONDS": "\n",
        ]
        var settings = Settings(environment: environment)
        let options = RuntimeOptions(&settings)
        #expect(settings.problems.isEmpty)
        #expect(options.port == 9000 && options.logLevel == .debug && options.loops == 2)
        #expect(options.grace == .seconds(8))
        for name in ["PORT", "LOG_LEVEL", "LOOPS", "PATH_PREFIX", "GRACE_SECONDS"] {
            let note = "\(name) has blanks or line ends around it, which are ignored"
            #expect(settings.notes.count { $0 == note } == 1)
        }
        #expect(settings.isBlank("GRACE_SECONDS") && !settings.isBlank("PORT") && !settings.isBlank("HOST"))
    }

    @Test(
        "an unusable secret is described, and never repeated",
        arguments: [
            ("secret", "it has 6 bytes"), ("secret\n", "it has 7 bytes"),
            ("\"secret\"", "it has 8 bytes, is in quotation marks"),
            ("'secret'", "it has 8 bytes, is in quotation marks"),
            ("sec\nret", "it has 7 bytes, contains a line end"), ("sec ret", "it has 7 bytes, contains a blank"),
            ("$(secret)", "it has 9 bytes, begins like a reference that was never replaced"),
            ("/run/secret", "it has 11 bytes, begins with a slash, like a file's path"),
            ("{\"secret\":1}", "it has 12 bytes, begins with a brace, like JSON"),
            ("cmVkaXM6Ly9zZWNyZXQ=", "it has 20 bytes, looks like base64 that was not decoded"),
            ("\u{feff}secret", "it has 9 bytes, begins with a byte order mark, contains characters that are not ASCII"),
            ("sec\u{1}ret", "it has 7 bytes, contains a control character"),
            (" \n", "it holds only blanks or line ends"),
        ]
    )
    func unusableSecrets(text: String, shape: String) {
        var settings = Settings(environment: ["KEY": text])
        _ = settings.secret("KEY", default: "none")
        settings.rejectSecret("KEY", "is not usable")
        #expect(settings.problems == ["KEY is not usable; \(shape)"])
        #expect(!settings.notes.contains { $0.contains("secret") })
    }

    @Test("a missing secret has no description")
    func missingSecret() {
        for environment in [[:], ["KEY": ""]] {
            var settings = Settings(environment: environment)
            settings.rejectSecret("KEY", "must be set")
            #expect(settings.problems == ["KEY must be set"])
        }
    }

    @Test(
        "blanks and line ends around a secret are ignored, and noted without the secret",
        arguments: [("s\n", "s"), (" s t\r\n", "s t"), ("\t\n", nil), ("s", "s"), ("é\n\n", "é")] as [(String, String?)]
    )
    func secrets(text: String, secret: String?) {
        var settings = Settings(environment: ["KEY": text])
        #expect(settings.secret("KEY", default: "none") == secret)
        let note = "KEY has blanks or line ends around it, which are ignored"
        #expect(settings.notes == (text == secret ? [] : [note]))
    }
}
