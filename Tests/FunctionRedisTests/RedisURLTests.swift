import FunctionTLS
import Support
import Testing

@testable import FunctionRedis

@Suite struct RedisURLTests {
    @Test(
        "a URL is read",
        arguments: [
            ("redis://localhost", RedisURL(.tcp(host: "localhost", port: 6379))),
            ("REDIS://redis-0.svc_x:7000/", RedisURL(.tcp(host: "redis-0.svc_x", port: 7000))),
            ("redis://10.0.0.1/15", RedisURL(.tcp(host: "10.0.0.1", port: 6379), database: 15)),
            ("redis://[::1]:6380/2", RedisURL(.tcp(host: "::1", port: 6380), database: 2)),
            ("redis://[::ffff:10.0.0.1]", RedisURL(.tcp(host: "::ffff:10.0.0.1", port: 6379))),
            ("redis://:secret@h", RedisURL(.tcp(host: "h", port: 6379), password: "secret")),
            ("redis://mint:a%40b%2Fc%25:d@h:1", RedisURL(.tcp(host: "h", port: 1), user: "mint", password: "a@b/c%:d")),
            ("redis://u:p@ss@h", RedisURL(.tcp(host: "h", port: 6379), user: "u", password: "p@ss")),
            ("redis://u:%C3%A9@h", RedisURL(.tcp(host: "h", port: 6379), user: "u", password: "é")),
            ("unix:///run/redis.sock", RedisURL(.unix(path: "/run/redis.sock"))),
            ("unix:///a%20b?db=3", RedisURL(.unix(path: "/a b"), database: 3)),
            ("redis+unix://u:p@/s", RedisURL(.unix(path: "/s"), user: "u", password: "p")),
            (
                "redis+cluster://u:p@a,[::1]:7000,10.0.0.1:7001/",
                RedisURL(
                    .cluster,
                    [.tcp(host: "a", port: 6379), .tcp(host: "::1", port: 7000), .tcp(host: "10.0.0.1", port: 7001)],
                    user: "u",
                    password: "p"
                )
            ),
            (
                "redis+sentinel://:p@a,b:1/my-master/2",
                RedisURL(
                    .sentinel(master: "my-master"),
                    [.tcp(host: "a", port: 26379), .tcp(host: "b", port: 1)],
                    password: "p",
                    database: 2
                )
            ),
            ("redis://h?db=3", RedisURL(.tcp(host: "h", port: 6379), database: 3)),
            ("redis://h/?db=3", RedisURL(.tcp(host: "h", port: 6379), database: 3)),
            ("redis://h:1/3?db=3", RedisURL(.tcp(host: "h", port: 1), database: 3)),
            ("redis+cluster://a?db=0", RedisURL(.cluster, [.tcp(host: "a", port: 6379)])),
            (
                "redis+sentinel://a/m?db=2",
                RedisURL(.sentinel(master: "m"), [.tcp(host: "a", port: 26379)], database: 2)
            ),
            (
                "valkey+sentinel://a/m?sentinel_password=",
                RedisURL(.sentinel(master: "m"), [.tcp(host: "a", port: 26379)])
            ),
            ("redis://:@h", RedisURL(.tcp(host: "h", port: 6379))),
            ("redis://u:@h", RedisURL(.tcp(host: "h", port: 6379), user: "u", password: "")),
            ("valkey://:p@h/1", RedisURL(.tcp(host: "h", port: 6379), password: "p", database: 1)),
            ("VALKEY+cluster://a", RedisURL(.cluster, [.tcp(host: "a", port: 6379)])),
            ("valkey+unix:///s?db=1", RedisURL(.unix(path: "/s"), database: 1)),
            ("redis+sentinel://a/m", RedisURL(.sentinel(master: "m"), [.tcp(host: "a", port: 26379)])),
            (
                "redis+sentinel://a/m/2?sentinel_password=p%26%25&sentinel_user=u%C3%A9",
                RedisURL(
                    .sentinel(master: "m"),
                    [.tcp(host: "a", port: 26379)],
                    database: 2,
                    sentinelUser: "ué",
                    sentinelPassword: "p&%"
                )
            ),
            (
                "redis+sentinel://u:p@a/m?sentinel_password=s",
                RedisURL(
                    .sentinel(master: "m"),
                    [.tcp(host: "a", port: 26379)],
                    user: "u",
                    password: "p",
                    sentinelPassword: "s"
                )
            ),
        ]
    )
    func reads(text: String, expected: RedisURL) throws {
        try expect(RedisURL(text), is: expected)
    }

    @Test(
        "an invalid URL is rejected with the reason",
        arguments: [
            ("", RedisURLError.missingScheme),
            ("localhost:6379", .missingScheme),
            ("redis:/h", .missingScheme),
            ("http://h", .unknownScheme("http")),
            ("redis://a,b", .severalHosts),
            ("redis+cluster://a,,b", .missingHost),
            ("redis+cluster://a/1", .databaseOfCluster),
            ("redis+sentinel://a", .missingMaster),
            ("redis+sentinel://a/", .missingMaster),
            ("redis+sentinel://a/m%20n", .missingMaster),
            ("redis+sentinel://a/m/x", .malformedDatabase),
            ("redis+sentinel://a/m?sentinel_user=u", .userWithoutPassword),
            ("redis+sentinel://a/m?sentinel_password", .unknownOption),
            ("redis+sentinel://a/m?", .unknownOption),
            ("redis+sentinel://a/m?sentinel_password=p&", .unknownOption),
            ("redis+sentinel://a/m?sentinel_password=p&sentinel_password=q", .unknownOption),
            ("redis+sentinel://a/m?password=p", .unknownOption),
            ("redis+sentinel://a/m?sentinel_password=%zz", .malformedPercentEncoding),
            ("redis+cluster://a?sentinel_password=p", .unknownOption),
            ("redis://a?sentinel_password=p", .unknownOption),
            ("redis://", .missingHost),
            ("redis://:6379", .missingHost),
            ("redis://u:p@", .missingHost),
            ("redis://a b", .malformedHost),
            ("redis://fe80::1", .malformedHost),
            ("redis://[::1", .malformedHost),
            ("redis://[]", .malformedHost),
            ("redis://[::1]6379", .malformedHost),
            ("redis://h:", .malformedPort),
            ("redis://h:0", .malformedPort),
            ("redis://h:+1", .malformedPort),
            ("redis://h:65536", .malformedPort),
            ("redis://h/x", .malformedDatabase),
            ("redis://h/-1", .malformedDatabase),
            ("redis://h/1/2", .malformedDatabase),
            ("redis://h/99999999999999999999", .malformedDatabase),
            ("redis://:%zz@h", .malformedPercentEncoding),
            ("redis://:%2@h", .malformedPercentEncoding),
            ("redis://:%ff@h", .malformedPercentEncoding),
            ("redis://u@h", .userWithoutPassword),
            ("redis://h?password=p", .unknownOption),
            ("redis://h?db=1&db=1", .unknownOption),
            ("redis://h?db=1&x", .unknownOption),
            ("redis://h?db", .unknownOption),
            ("redis://h?db=", .malformedDatabase),
            ("redis://h?db=x", .malformedDatabase),
            ("redis://h/3?db=4", .contradictoryDatabase),
            ("redis+sentinel://a/m/3?db=4", .contradictoryDatabase),
            ("redis+cluster://a?db=1", .databaseOfCluster),
            ("unix:///s?db=1&db=2", .unknownOption),
            ("valkeyx://h", .unknownScheme("valkeyx")),
            ("redis://:a#b@h", .fragment),
            ("unix://run/redis.sock", .relativePath),
            ("unix://", .relativePath),
            ("unix:///s?password=p", .unknownOption),
        ]
    )
    func refuses(text: String, expected: RedisURLError) {
        #expect(throws: expected) { try RedisURL(text) }
    }

    @Test(
        "the description masks the password and is itself a valid URL",
        arguments: [
            ("redis://mint:secret@h/2", "redis://mint:***@h:6379/2"),
            ("redis://:secret@[::1]", "redis://:***@[::1]:6379"),
            ("redis://h", "redis://h:6379"),
            ("unix://:secret@/s?db=1", "unix://:***@/s?db=1"),
            ("redis+cluster://:secret@h,[::1]:7", "redis+cluster://:***@h:6379,[::1]:7"),
            ("redis+sentinel://:secret@h,g:1/m/3", "redis+sentinel://:***@h:26379,g:1/m/3"),
            (
                "redis+sentinel://h/m/3?sentinel_password=secret&sentinel_user=u",
                "redis+sentinel://h:26379/m/3?sentinel_user=u&sentinel_password=***"
            ),
            ("redis+sentinel://h/m?sentinel_password=secret", "redis+sentinel://h:26379/m?sentinel_password=***"),
        ]
    )
    func describes(text: String, expected: String) throws {
        let url = try RedisURL(text)
        #expect(url.description == expected)
        try expect(RedisURL(expected).endpoints, is: url.endpoints)
    }

    @Test(
        "no error repeats a password",
        arguments: ["redis://u:hunter2@", "redis://:hunter2%@h", "hunter2", "redis://:hunter2#@h", "a hunter2://x"]
    )
    func keepsPasswords(text: String) {
        let error = #expect(throws: RedisURLError.self) { try RedisURL(text) }
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test(
        "a build without TLS rejects a URL with TLS, and says what to do",
        .enabled(if: !TLSContext.isBuilt),
        arguments: ["rediss://h", "REDISS://h:1/2", "rediss+cluster://a,b", "rediss+sentinel://a/m"]
    )
    func encrypted(text: String) {
        let error = #expect(throws: RedisURLError.encrypted) { try RedisURL(text) }
        #expect(error?.description.contains("build with script/build --tls (swift build --traits TLS)") == true)
    }
}
