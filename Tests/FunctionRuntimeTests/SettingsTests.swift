import FunctionEventLoop
import FunctionHTTP
import Testing

@testable import FunctionRuntime

@Suite("Settings")
struct SettingsTests {
    @Test("that are absent or empty have their defaults")
    func defaults() {
        var settings = Settings(environment: ["PORT": ""])
        let options = RuntimeOptions(&settings)
        #expect(settings.problems.isEmpty)
        #expect(options.port == 8080)
        #expect(options.host == nil)
        // Google's load balancers keep a connection for 600 s, and use it again until then.
        #expect(options.server.idleTimeout > .seconds(600))
        #expect(options.logLevel == .info)
        #expect(options.loops == nil)
    }

    @Test(
        "that are wrong are told with what they must be",
        arguments: [
            ("PORT", "http", "PORT must be a whole number from 0 to 65535, not \"http\""),
            ("PORT", "65536", "PORT must be a whole number from 0 to 65535, not \"65536\""),
            ("PORT", "-1", "PORT must be a whole number from 0 to 65535, not \"-1\""),
            ("PORT", "+1", "PORT must be a whole number from 0 to 65535, not \"+1\""),
            ("LOOPS", "0", "LOOPS must be a whole number from 1 to 1024, not \"0\""),
            ("LOG_LEVEL", "loud", "LOG_LEVEL must be one of debug, info, warning, error, not \"loud\""),
            (
                "PATH_PREFIX", "https://a.example/streams",
                "PATH_PREFIX must be a path such as /streams, not \"https://a.example/streams\": no URL, no query, and what "
                    + "cannot stand in a path percent-encoded"
            ),
            (
                "HOST", "localhost",
                "HOST must be an IPv4 or IPv6 address such as 0.0.0.0 or ::, not \"localhost\"; if it is the machine's name, "
                    + "as csh and some schedulers set it, unset it"
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
        "a prefix that no path can have is refused",
        arguments: ["/a?b", "/a#b", "/a b", "/ä", "/a//b", "/a/../b", "/."]
    )
    func wrongPrefix(text: String) {
        var settings = Settings(environment: ["PATH_PREFIX": text])
        _ = RuntimeOptions(&settings)
        #expect(settings.problems.count == 1)
    }

    @Test("that are wrong are told all at once")
    func allAtOnce() {
        var settings = Settings(environment: ["PORT": "x", "LOOPS": "y", "GRACE_SECONDS": "z"])
        _ = RuntimeOptions(&settings)
        #expect(settings.problems.count == 3)
    }

    @Test("for how long a connection is kept may be longer than the proxy in front keeps it")
    func idle() {
        var settings = Settings(environment: ["IDLE_SECONDS": "3700"])
        #expect(RuntimeOptions(&settings).server.idleTimeout == .seconds(3700))
    }

    @Test(
        "of an address to listen on may be one of either family, in brackets or not",
        arguments: [("::", "::"), ("[::1]", "::1"), ("0.0.0.0", "0.0.0.0"), ("10.0.0.1\n", "10.0.0.1")]
    )
    func hosts(text: String, host: String) {
        var settings = Settings(environment: ["HOST": text])
        #expect(RuntimeOptions(&settings).host == host)
        #expect(settings.problems.isEmpty)
    }

    @Test(
        "that conda's compilers have set are passed over, which is noted",
        arguments: ["x86_64-conda-linux-gnu", "aarch64-conda_cos7-linux-gnu", "x86_64-pc-linux-musl"]
    )
    func triplet(text: String) {
        var settings = Settings(environment: ["HOST": text])
        #expect(RuntimeOptions(&settings).host == nil)
        #expect(settings.problems.isEmpty)
        #expect(settings.notes == ["HOST is \"\(text)\", as conda's compilers set it, and is passed over"])
    }

    @Test(
        "of an address that only look like a compiler's name are refused",
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
        "that a service link may be named like are passed over as one, and no other has the form of a link's variable"
    )
    func serviceLinks() {
        var settings = Settings(environment: [:])
        _ = RuntimeOptions(&settings)
        let names = Set(settings.known.map(\.name)).union(Contract.variables)
        #expect(names.contains("METRICS_PORT"))
        // What Kubernetes and Docker set beside `…_PORT`.
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
        "a port that is no link is told to be wrong, and PORT itself is no link",
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

    @Test("of whatever kind lose the blanks and line ends around them, which is noted once each")
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
            let note = "\(name) has blanks or line ends around it, which are taken off"
            #expect(settings.notes.count { $0 == note } == 1)
        }
        #expect(settings.isBlank("GRACE_SECONDS") && !settings.isBlank("PORT") && !settings.isBlank("HOST"))
    }

    @Test(
        "that are secrets and of no use are told by what can be seen of them, and never by themselves",
        arguments: [
            ("secret", "it has 6 bytes"), ("secret\n", "it has 7 bytes"),
            ("\"secret\"", "it has 8 bytes, stands in quotation marks"),
            ("'secret'", "it has 8 bytes, stands in quotation marks"),
            ("sec\nret", "it has 7 bytes, has a line end within"), ("sec ret", "it has 7 bytes, has a blank within"),
            ("$(secret)", "it has 9 bytes, begins as a reference that nothing has replaced"),
            ("/run/secret", "it has 11 bytes, begins with a slash, as the path of a file"),
            ("{\"secret\":1}", "it has 12 bytes, begins with a brace, as JSON"),
            ("cmVkaXM6Ly9zZWNyZXQ=", "it has 20 bytes, looks like base64 that was not decoded"),
            ("\u{feff}secret", "it has 9 bytes, begins with a byte order mark, has characters that are not ASCII"),
            ("sec\u{1}ret", "it has 7 bytes, has a control character within"),
            (" \n", "it holds blanks or line ends alone"),
        ]
    )
    func unusableSecrets(text: String, shape: String) {
        var settings = Settings(environment: ["KEY": text])
        _ = settings.secret("KEY", default: "none")
        settings.rejectSecret("KEY", "is not usable")
        #expect(settings.problems == ["KEY is not usable; \(shape)"])
        #expect(!settings.notes.contains { $0.contains("secret") })
    }

    @Test("a secret that is not there has nothing to be seen")
    func missingSecret() {
        for environment in [[:], ["KEY": ""]] {
            var settings = Settings(environment: environment)
            settings.rejectSecret("KEY", "must be set")
            #expect(settings.problems == ["KEY must be set"])
        }
    }

    @Test(
        "that are secrets lose the blanks and line ends around them, which is noted without the secret",
        arguments: [("s\n", "s"), (" s t\r\n", "s t"), ("\t\n", nil), ("s", "s"), ("é\n\n", "é")] as [(String, String?)]
    )
    func secrets(text: String, secret: String?) {
        var settings = Settings(environment: ["KEY": text])
        #expect(settings.secret("KEY", default: "none") == secret)
        let note = "KEY has blanks or line ends around it, which are taken off"
        #expect(settings.notes == (text == secret ? [] : [note]))
    }
}
