import Foundation
import FunctionCore
import StreamTokens
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures

@Suite("Named givens")
struct NamedGivenTests {
    private static let key = "sk_Fixed1theOnlySecretOfAFixtureNumber13PezG0"
    private static let token = "pub_tok_Fixed1aStreamTokenOfAFixtureNumber011aZXa0"
    private static let acme = #"{"organizations":[{"name":"acme","keys":[{"secret":"\#(key)"}]}]}"#

    /// A fixture among others, in a folder of a repository.
    private struct Place {
        let folder: TemporaryFolder

        init(_ files: [String: String]) throws {
            folder = try TemporaryFolder()
            try folder.write("events/stream/a.json", #"{"path":"/"}"#)
            for (name, text) in files { try folder.write(name, text) }
        }

        func fixture(_ given: String, _ name: String = "events/stream/a") throws -> Fixture {
            try folder.write(name + ".expect.json", #"{"given":\#(given),"status":404}"#)
            return try read(name)
        }

        func read(_ name: String, _ kind: FixtureFiles.Kind = .event) throws -> Fixture {
            try Fixture(FixtureFiles(name: folder.path + "/" + name, kind: kind))
        }

        /// Why there is no fixture with this given; empty if there is.
        func error(_ given: String) throws -> String {
            do {
                _ = try fixture(given)
                return ""
            } catch let error as Fixture.Unreadable {
                return error.description.replacingOccurrences(of: folder.path + "/", with: "")
            }
        }
    }

    @Test(
        "a name is the given of that name, in the fixture's folder or above it",
        arguments: ["events/stream", "events", "."]
    )
    func found(folder: String) throws {
        let place = try Place(["\(folder)/givens.json": #"{"other":{"store":"down"},"acme":\#(Self.acme)}"#])
        let given = try place.fixture(#""acme""#).given
        #expect(given.organizations.map(\.name) == ["acme"] && !given.isStoreDown)
        #expect(given.organizations.first?.keys.map(\.secret) == [Self.key])
        #expect(given.base?.name == "acme" && !given.hasOwnOrganizations)
        #expect(try place.fixture(#""other""#).given.isStoreDown)
    }

    @Test("a scenario names one too")
    func scenario() throws {
        let steps = #"[{"event":"a.json","expect":{"status":404}}]"#
        let place = try Place([
            "events/givens.json": #"{"acme":\#(Self.acme)}"#,
            "events/stream/s.scenario.json": #"{"given":"acme","steps":\#(steps)}"#,
            "events/stream/t.scenario.json": #"{"given":{"is":"acme","store":"down"},"steps":\#(steps)}"#,
            "events/stream/u.scenario.json": #"{"given":"acne","steps":\#(steps)}"#,
        ])
        try expect(place.read("events/stream/s", .scenario).given.organizations.count, is: 1)
        let changed = try place.read("events/stream/t", .scenario).given
        #expect(changed.organizations.count == 1 && changed.isStoreDown)
        #expect(throws: Fixture.Unreadable.self) { try place.read("events/stream/u", .scenario) }
    }

    @Test("the nearest file is the only one that counts")
    func nearest() throws {
        let place = try Place([
            "events/givens.json": #"{"acme":\#(Self.acme),"far":{}}"#,
            "events/stream/givens.json": #"{"acme":{"store":"down"}}"#,
        ])
        let given = try place.fixture(#""acme""#).given
        #expect(given.isStoreDown && given.organizations.isEmpty)
        try expect(
            place.error(#""far""#),
            is: #"events/stream/a.expect.json#/given: is no given of events/stream/givens.json; there are "acme""#
        )
    }

    @Test("a file above a repository does not count", arguments: [".git/HEAD", ".git"])
    func repository(mark: String) throws {
        let place = try Place(["givens.json": #"{"acme":{}}"#, "events/\(mark)": ""])
        try expect(
            place.error(#""acme""#),
            is: "events/stream/a.expect.json#/given: "
                + "names a given, but there is no givens.json in this folder or above it"
        )
        try place.folder.write("events/givens.json", #"{"acme":{}}"#)
        try expect(place.error(#""acme""#), is: "")
    }

    @Test("the current folder does not matter, nor how a path is written")
    func paths() throws {
        let place = try Place(["events/givens.json": #"{"acme":{}}"#])
        let root = place.folder.path
        for folder in [
            "\(root)/events/stream", "\(root)/events/stream/", "\(root)//events//stream", "\(root)/events/stream/.",
        ] {
            #expect(GivensSearch(from: folder).found?.hasSuffix("givens.json") == true, "\(folder)")
        }
        #expect(GivensSearch(from: "\(root)/events/stream/../stream").found?.hasSuffix("/givens.json") == true)
        // A folder that is not there has nothing above it either.
        #expect(GivensSearch(from: "\(root)/none").found == nil)
        #expect(GivensSearch(from: "/").paths == ["/givens.json"])
    }

    @Test("members beside a name take the place of its members as a whole; null undoes them")
    func changes() throws {
        let place = try Place([
            "events/givens.json": #"""
            {"acme":{"organizations":[{"name":"acme"}],"store":"down","workflow":{"output":["a"]},
             "settings":{"TOKEN_TTL_POLICY":"clamp","ALLOWED_ORIGINS":"https://app.example"}}}
            """#
        ])
        let same = try place.fixture(#"{"is":"acme"}"#).given
        #expect(same.isStoreDown && same.workflow != nil && same.variables.count == 2)
        let changed = try place.fixture(
            #"{"is":"acme","organizations":[{"name":"b","credits":1}],"settings":{"TOKEN_TTL_POLICY":"strict"}}"#
        ).given
        #expect(changed.organizations.map(\.name) == ["b"] && changed.hasOwnOrganizations)
        #expect(changed.variables == ["TOKEN_TTL_POLICY": "strict"])
        #expect(changed.isStoreDown && changed.workflow != nil)
        let undone = try place.fixture(
            #"{"is":"acme","organizations":null,"store":null,"workflow":null,"settings":null}"#
        ).given
        #expect(undone.organizations.isEmpty && !undone.isStoreDown)
        #expect(undone.workflow == nil && undone.variables.isEmpty)
    }

    @Test("a given may be based on one before it, and that on another")
    func chain() throws {
        let place = try Place([
            "events/givens.json": #"""
            {"a":\#(Self.acme),"b":{"is":"a","store":"down"},"c":{"is":"b","workflow":{"fails":"busy"}}}
            """#
        ])
        let given = try place.fixture(#"{"is":"c","settings":{"TOKEN_TTL_POLICY":"clamp"}}"#).given
        #expect(given.organizations.count == 1 && given.isStoreDown && given.workflow != nil)
        #expect(given.variables == ["TOKEN_TTL_POLICY": "clamp"])
        #expect(given.base?.name == "c")
    }

    @Test("new secrets are in its givens too, and other givens with the same tag do no harm")
    func ownSecrets() throws {
        let place = try Place([
            "events/givens.json": #"""
            {"acme":{"organizations":[{"name":"acme","keys":[{"secret":"\#(Self.key)"}],
             "tokens":[{"token":"\#(Self.token)"}]}]}}
            """#
        ])
        for given in [
            #""acme""#, #"{"is":"acme","organizations":[{"name":"acme","keys":[{"secret":"\#(Self.key)"}]}]}"#,
        ] {
            let own = try place.fixture(given).withOwnSecrets().given.organizations
            #expect(own.map(\.name) == ["acme"] && own.first?.keys.count == 1)
            #expect(own.first?.tag != nil && own.first?.tag?.description != "Fixed1")
        }
    }

    @Test(
        "an unknown name is an error with its place, and with a similar name or the known ones",
        arguments: [
            (
                #""acne""#,
                #"events/stream/a.expect.json#/given: is no given of events/givens.json; did you mean "acme"?"#
            ),
            (
                #"{"is":"acne"}"#,
                #"events/stream/a.expect.json#/given/is: is no given of events/givens.json; did you mean "acme"?"#
            ),
            (
                #""""#,
                #"events/stream/a.expect.json#/given: is no given of events/givens.json; there are "acme", "e\u0301""#
            ),
            // "é" in one scalar, where the file has an "e" with an accent behind it: names are compared by their bytes.
            (
                #""é""#,
                #"events/stream/a.expect.json#/given: is no given of events/givens.json; there are "acme", "e\u0301""#
            ),
            ("1", "events/stream/a.expect.json#/given: must be an object, or a given's name in a fixture, not number"),
            ("null", "events/stream/a.expect.json#/given: must be an object, or a given's name in a fixture, not null"),
            (#"{"is":["acme"]}"#, "events/stream/a.expect.json#/given/is: must be a string, not array"),
            (
                #"{"is":"acme","credits":5}"#,
                "events/stream/a.expect.json#/given/credits: is unknown; "
                    + "known members are organizations, store, workflow, settings, is"
            ),
            (#"{"is":"acme","store":"slow"}"#, #"events/stream/a.expect.json#/given/store: must be "up" or "down""#),
        ]
    )
    func unknown(given: String, error: String) throws {
        let place = try Place(["events/givens.json": "{\"$schema\":\"\",\"acme\":{},\"e\u{301}\":{}}"])
        let expected = error.replacingOccurrences(of: #"\u0301"#, with: "\u{301}")
        let actual = try place.error(given)
        #expect(actual.utf8.elementsEqual(expected.utf8), "\(actual)")
    }

    @Test("an error lists some of many names")
    func many() throws {
        let names = (0..<1000).map { #""given number \#($0)":{}"# }.joined(separator: ",")
        let place = try Place(["givens.json": "{\(names)}"])
        let error = try place.error(#""x""#)
        #expect(error.contains(#"there are "given number 0", "given number 1", "#) && error.hasSuffix(", and 980 more"))
    }

    @Test(
        "an error in a file of givens names that file and the place in it",
        arguments: [
            ("", "events/givens.json:1:1: "), ("{", "events/givens.json:1:2: "), ("[]", "events/givens.json#: must be"),
            (#"{"acme":{},"acme":{}}"#, #"events/givens.json:1:12: the member "acme" is there twice"#),
            (#"{"acme":"other"}"#, "events/givens.json#/acme: must be an object"),
            (#"{"acme":{"store":"slow"}}"#, #"events/givens.json#/acme/store: must be "up" or "down""#),
            (#"{"acme":{"status":200}}"#, "events/givens.json#/acme/status: is unknown"),
            (
                #"{"acme":{"organizations":[{"name":"a"},{"name":"a"}]}}"#,
                "events/givens.json#/acme/organizations/1: has"
            ),
            (#"{"a/b":{"store":1},"acme":{"is":"a/b"}}"#, "events/givens.json#/a~1b/store: must be a string"),
            (
                #"{"acme":{"is":"other"},"other":{}}"#,
                "events/givens.json#/acme/is: is no given before this one; there is none"
            ),
            (
                #"{"a":{},"acme":{"is":"acme"}}"#,
                #"events/givens.json#/acme/is: is no given before this one; there are "a""#
            ),
            ("{\0", "events/givens.json: is UTF-16 or UTF-32"),
        ]
    )
    func malformed(file: String, error: String) throws {
        let place = try Place(["events/givens.json": file])
        let actual = try place.error(#""acme""#)
        #expect(actual.hasPrefix(error), "\(actual)")
        // A fixture that says all of it does not read the file.
        try expect(place.error("{}"), is: "")
    }

    @Test("a malformed given does no harm to others")
    func apart() throws {
        let place = try Place(["events/givens.json": #"{"bad":{"store":1},"worse":2,"acme":\#(Self.acme)}"#])
        try expect(place.fixture(#""acme""#).given.organizations.count, is: 1)
    }

    @Test("a folder or a pipe in place of the file is an error, and no higher file is read")
    func noFile() throws {
        let place = try Place(["givens.json": #"{"acme":{}}"#, "events/givens.json/a": ""])
        try expect(place.error(#""acme""#), is: "events/givens.json: is a folder, not a file")
        let pipe = try Place(["givens.json": #"{"acme":{}}"#])
        #expect(mkfifo(pipe.folder.path + "/events/givens.json", 0o600) == 0)
        try expect(pipe.error(#""acme""#), is: "events/givens.json: is not a regular file")
    }

    @Test("a long chain and a long name take linear time")
    func long() throws {
        let chain = (1...20_000).map { #""g\#($0)":{"is":"g\#($0 - 1)"}"# }.joined(separator: ",")
        let place = try Place(["givens.json": #"{"g0":{"store":"down"},\#(chain)}"#])
        #expect(try place.fixture(#""g20000""#).given.isStoreDown)
        let name = "a" + String(repeating: "\u{301}", count: 100_000)
        #expect(try place.error(JSON.string(name).description).contains("is no given of givens.json; there are "))
    }

    @Test("a file of givens is no fixture")
    func reserved() throws {
        let place = try Place(["events/givens.json": "{}", "events/stream/a.expect.json": #"{"status":404}"#])
        let root = place.folder.path
        try expect(FixtureFiles.find([root]).map(\.name), is: ["\(root)/events/stream/a"])
        #expect(FixtureFiles(file: "givens.json") == nil && FixtureFiles(file: "a/givens.json") == nil)
        #expect(FixtureFiles(file: "mygivens.json") != nil)
        #expect(throws: CommandFailure.self) { try FixtureFiles.find([root + "/events/givens.json"]) }
        for kind in [FixtureFiles.Kind.event, .scenario] {
            let error = #expect(throws: Fixture.Unreadable.self) { try place.read("events/givens", kind) }
            #expect(
                error?.description.hasSuffix("a fixture cannot have this name: givens.json is a file of givens") == true
            )
        }
    }
}
