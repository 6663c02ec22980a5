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
        summary: "Say how an event is understood, and what is answered in the platform's form",
        details: """
            \(FixtureInput.help)

            It says which kind of event it is and which members tell, the request that comes
            of it, which function answers, and the answer as the event's platform is given it.
            Keys and tokens are cut after their tag. The function has a store in memory that
            holds what NAME.expect.json gives, if that is there. Of a scenario it says so of
            each step, as the steps before have left the store.
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

/// What there is to tell of an event and its answer.
struct Explanation: Sendable {
    let kind: EventKind
    let request: Request
    let requestBody: [UInt8]
    /// The function that answers; nil if none does.
    let function: String?
    /// The file that says what holds before; nil if nothing does.
    let given: String?
    /// Why the answer is what it is, if the function tells.
    let cause: String?
    /// What it is, and in the platform's own form.
    let response: (title: String, text: String)

    var text: String {
        let parameters = request.parameters.all.map { (name: "?" + Shown.line($0.name), value: Shown.line($0.value)) }
        let fields = request.headers.fields.map { (name: $0.name.string + ":", value: Shown.value(of: $0)) }
        let body = Shown.body(requestBody).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let store = given.map { "holds what \(Shown.line($0)) gives" } ?? "holds nothing"
        let causes = cause.map { ["its reason: \(Shown.line($0))"] } ?? []
        let parts = [
            section("Kind: \(kind.name)", kind.reasons),
            section("Request: \(request.method) \(Shown.path(request.path))", columns(parameters + fields)),
            section("Body", body),
            section("Function: \(function ?? "none answers at this path")", ["the store in memory \(store)"] + causes),
            "Response: \(response.title)\n\(response.text)",
        ]
        return parts.joined(separator: "\n\n") + "\n"
    }

    private func section(_ title: String, _ lines: [String]) -> String {
        ([title] + lines.map { "  " + $0 }).joined(separator: "\n")
    }

    private func columns(_ rows: [(name: String, value: String)]) -> [String] {
        let width = rows.map(\.name.count).max() ?? 0
        return rows.map { $0.value.isEmpty ? $0.name : $0.name.padded(to: width) + "  " + $0.value }
    }

    /// Has the function answer.
    init(of event: EventInput, _ functions: LocalFunctions) async throws(CommandFailure) {
        request = try event.request()
        kind = EventKind(event.bytes)
        // At hand: an event has it whole.
        requestBody = (try? await request.body.collect(upTo: EventReader.sizeLimit)) ?? []
        function = PackageFunction.name(at: request.path)
        given = event.expectationFile
        let answer = await functions.instance.handler(request)
        if let platform = kind.platform {
            let whole = await functions.instance.collected(answer, to: request)
            cause = whole.cause
            response = await Self.encoded(whole, for: platform)
        } else {
            cause = answer.cause
            response = await Self.message(answer, to: request)
        }
    }

    /// Of an event of a scenario, which was answered.
    init(of delivered: ScenarioWalk.Delivered, in files: FixtureFiles) async {
        request = delivered.request
        // What tells the kind refers to nothing.
        kind = EventKind(Array(delivered.delivery.event.source.description.utf8))
        requestBody = (try? await request.body.collect(upTo: EventReader.sizeLimit)) ?? []
        function = PackageFunction.name(at: request.path)
        given = files.expectation
        cause = delivered.outcome?.response.cause
        guard let answer = delivered.answer else {
            response = ("none", "the process is killed behind an operation of the store")
            return
        }
        guard let platform = kind.platform else {
            response = await Self.message(answer, to: request)
            return
        }
        let whole = await FunctionInstance { _ in answer }.collected(answer, to: request)
        response = await Self.encoded(whole, for: platform)
    }

    /// The JSON that the platform is answered with.
    private static func encoded(_ response: Response, for kind: PlatformEvent.Kind) async -> (String, String) {
        // At hand: it was collected.
        let body = (try? await response.body.collect(upTo: EventReader.sizeLimit)) ?? []
        let json = PlatformEvent.encode(response, body: body, for: kind)
        let isTooLong = json.count > kind.answerLimit
        let title = "\(response.status.code), as the platform is given it"
        let text = (try? JSONReader.read(json)).map(Shown.json) ?? ""
        return (isTooLong ? title + ", which takes \(kind.answerLimit) bytes only and says 502" : title, text)
    }

    /// The message in the form of HTTP, without what a server adds.
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
        return (isWhole ? "as HTTP has it" : "as HTTP has it; its body is broken off", text)
    }
}
