import FunctionRuntime
import Testing

@Suite("Settings")
struct SettingsTests {
    @Test("that are absent or empty have their defaults")
    func defaults() {
        var settings = Settings(environment: ["PORT": ""])
        let options = RuntimeOptions(&settings)
        #expect(settings.problems.isEmpty)
        #expect(options.port == 8080)
        #expect(options.host == "0.0.0.0")
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
            ("HOST", "localhost", "HOST must be an IPv4 or IPv6 address such as 0.0.0.0 or ::, not \"localhost\""),
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
