import FunctionCore
import FunctionEventLoop
import FunctionPlatforms
import FunctionRuntime
import FunctionTesting
import LocalRuntimeConsole
import LocalRuntimeFixtures
import LocalRuntimeReplay

/// `local-runtime explain`
struct ExplainCommand: WrittenCommand {
    static let syntax = CommandSyntax(
        name: ["explain"],
        operands: FixtureInput.operand,
        summary: "Show how an event is read, and the response in its platform's form",
        details: """
            \(FixtureInput.help)

            Prints the kind of the event and the members that show it, the request that it
            becomes, the function that the request goes to, and the response in the form of the
            event's platform. Keys and tokens are cut after their tag. The store is in memory
            and holds what NAME.expect.json gives, if that file exists. For a scenario each step
            is explained, with the store as the steps before have left it.
            """
    )

    private let event: String

    init(_ arguments: Arguments) throws(CommandFailure) {
        event = try arguments.operand(FixtureInput.operand)
    }

    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode {
        let input: EventInput
        switch try FixtureInput(event, console) {
        case .event(let event): input = event
        case .scenario(let files):
            try await ScenarioWalk(files, environment: console.environment, on: loop).run { delivered in
                let explanation = await Explanation(of: delivered, in: files)
                console.output.text("== \(delivered.title) ==\n\n\(explanation.text)\n")
            }
            return .success
        }
        let functions = try await LocalFunctions(given: input, on: loop) { _ in }
        console.output.text(try await Explanation(of: input, functions).text)
        return .success
    }
}

/// An event and its response, explained.
struct Explanation: Sendable {
    let kind: EventKind
    let request: Request
    let requestBody: [UInt8]
    /// The function that the request goes to; nil if no function serves its path.
    let function: String?
    /// The fixture that fills the store; nil if the store is empty.
    let given: FixtureFiles?
    /// The function's own reason for the response, if it has one.
    let cause: String?
    /// A title, and the response in the platform's form.
    let response: (title: String, text: String)

    var text: String {
        let parameters = request.parameters.all.map { (name: "?" + Shown.line($0.name), value: Shown.line($0.value)) }
        let fields = request.headers.fields.map { (name: $0.name.string + ":", value: Shown.value(of: $0)) }
        let body = Shown.body(requestBody).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let store = given.map(Self.store) ?? "holds nothing"
        let causes = cause.map { ["its reason: \(Shown.line($0))"] } ?? []
        let parts = [
            section("Kind: \(kind.name)", kind.reasons),
            section("Request: \(request.method) \(Shown.path(request.path))", columns(parameters + fields)),
            section("Body", body),
            section("Function: \(function ?? "none serves this path")", ["the store in memory \(store)"] + causes),
            "Response: \(response.title)\n\(response.text)",
        ]
        return parts.joined(separator: "\n\n") + "\n"
    }

    private static func store(_ given: FixtureFiles) -> String {
        let text = "holds what \(Shown.line(given.expectation)) gives"
        guard let name = given.givenName, let file = GivensSearch(from: given.folder).found else { return text }
        return "\(text): \(Shown.line(name)) of \(Shown.line(file))"
    }

    private func section(_ title: String, _ lines: [String]) -> String {
        ([title] + lines.map { "  " + $0 }).joined(separator: "\n")
    }

    private func columns(_ rows: [(name: String, value: String)]) -> [String] {
        let width = rows.map(\.name.count).max() ?? 0
        return rows.map { $0.value.isEmpty ? $0.name : $0.name.padded(to: width) + "  " + $0.value }
    }

    /// Calls the function and explains its response.
    init(of event: EventInput, _ functions: LocalFunctions) async throws(CommandFailure) {
        request = try event.request()
        kind = EventKind(event.bytes)
        // Does not wait: an event contains its whole body.
        requestBody = (try? await request.body.collect(upTo: EventReader.sizeLimit)) ?? []
        function = PackageFunction.name(at: request.path)
        given = event.expectationFile.flatMap { FixtureFiles(file: $0) }
        let result = await functions.instance.handler(request)
        if let platform = kind.platform {
            let whole = await functions.instance.collected(result, to: request)
            cause = whole.cause
            response = await Self.encoded(whole, for: platform)
        } else {
            cause = result.cause
            response = await Self.message(result, to: request)
        }
    }

    /// Explains an event of a scenario that was delivered.
    init(of delivered: ScenarioWalk.Delivered, in files: FixtureFiles) async {
        request = delivered.request
        // References need not be resolved: the members that show the kind have none.
        kind = EventKind(Array(delivered.delivery.event.source.description.utf8))
        requestBody = (try? await request.body.collect(upTo: EventReader.sizeLimit)) ?? []
        function = PackageFunction.name(at: request.path)
        given = files
        cause = delivered.outcome?.response.cause
        guard let result = delivered.response else {
            response = ("none", "the process is killed after an operation of the store")
            return
        }
        guard let platform = kind.platform else {
            response = await Self.message(result, to: request)
            return
        }
        let whole = await FunctionInstance { _ in result }.collected(result, to: request)
        response = await Self.encoded(whole, for: platform)
    }

    /// The response as the platform's JSON.
    private static func encoded(_ response: Response, for kind: PlatformEvent.Kind) async -> (String, String) {
        // Does not wait: the body was collected before.
        let body = (try? await response.body.collect(upTo: EventReader.sizeLimit)) ?? []
        let json = PlatformEvent.encode(response, body: body, for: kind)
        let isTooLong = json.count > kind.responseLimit
        let title = "\(response.status.code), in the platform's form"
        let text = (try? JSONReader.read(json)).map(Shown.json) ?? ""
        let excess = "; it is over the platform's limit of \(kind.responseLimit) bytes, so the client gets a 502"
        return (isTooLong ? title + excess : title, text)
    }

    /// The response as an HTTP message, without the fields that a server adds.
    private static func message(_ response: Response, to request: Request) async -> (String, String) {
        let fields = response.headers.fields.map { "\($0.name): \(Shown.value(of: $0))" }
        let head = (["HTTP/1.1 \(response.status.code) \(response.status.reason)"] + fields).joined(separator: "\n")
        guard request.method != .head else {
            await response.body.discard()
            return ("to HEAD, without a body", head)
        }
        let recorder = BodyRecorder(limit: EventReader.sizeLimit)
        let isWhole = (try? await response.body.write(to: recorder)) != nil
        let text = head + "\n\n" + Shown.body(await recorder.bytes)
        return (isWhole ? "in the form of HTTP" : "in the form of HTTP; its body broke off", text)
    }
}
