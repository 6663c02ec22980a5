import Testing

@testable import FunctionTesting
@testable import LocalRuntimeLambda

@Suite("An environment's state")
struct EnvironmentStateTests {
    private typealias Next = EnvironmentState.Next

    /// The process asks for the next event.
    private func ask(
        _ state: inout EnvironmentState,
        _ expected: Next,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let next = try state.askNext()
        #expect(next == expected, sourceLocation: location)
    }

    private func take(
        _ id: String,
        _ state: inout EnvironmentState,
        isHanded: Bool,
        at location: SourceLocation = #_sourceLocation
    ) {
        let handed = state.take(id)
        #expect(handed == isHanded, sourceLocation: location)
    }

    /// A state in which the process has asked for its first event, and waits.
    private func ready(slots: Int = 1) throws -> EnvironmentState {
        var state = EnvironmentState(slots: slots)
        for _ in 0..<slots { _ = try state.askNext() }
        return state
    }

    /// A state in which the process runs the invocation `a`.
    private func running(slots: Int = 1) throws -> EnvironmentState {
        var state = try ready(slots: slots)
        take("a", &state, isHanded: true)
        return state
    }

    @Test("the first request for an event ends the init, and waits if there is no invocation")
    func first() throws {
        var state = EnvironmentState()
        #expect(state.hasRoom)
        #expect(!state.isIdle)
        try ask(&state, Next(endsInit: true))
        #expect(state.isIdle)
        #expect(state.hasRoom)
    }

    @Test("an invocation taken during the start is handed out on the first request")
    func pending() throws {
        var state = EnvironmentState()
        take("a", &state, isHanded: false)
        #expect(!state.hasRoom)
        #expect(throws: RuntimeAPIError.invalidRequestID) { try state.beginResponse(to: "a") }
        try ask(&state, Next(endsInit: true, handed: "a"))
        #expect(!state.isIdle)
    }

    @Test("an invocation is over when the process asks again after its response")
    func cycle() throws {
        var state = try running()
        try state.beginResponse(to: "a")
        #expect(!state.isAboutToBeFree)
        state.endResponse(to: "a")
        #expect(state.isAboutToBeFree)
        #expect(!state.hasRoom)
        try ask(&state, Next(finished: ["a"]))
        #expect(state.isIdle)
        take("b", &state, isHanded: true)
        #expect(throws: RuntimeAPIError.invalidRequestID) { try state.beginResponse(to: "a") }
    }

    @Test("an invocation takes only one response")
    func once() throws {
        var state = try running()
        try state.beginResponse(to: "a")
        #expect(throws: RuntimeAPIError.invalidTransition(from: "InvocationResponse", to: "InvocationResponse")) {
            try state.beginResponse(to: "a")
        }
        state.endResponse(to: "a")
        #expect(throws: RuntimeAPIError.invalidTransition(from: "ResponseSent", to: "InvocationResponse")) {
            try state.beginResponse(to: "a")
        }
    }

    @Test("asking during an invocation returns the same one; asking while waiting or responding is refused")
    func again() throws {
        var state = try running()
        try ask(&state, Next(handed: "a"))
        try state.beginResponse(to: "a")
        #expect(throws: RuntimeAPIError.self) { try state.askNext() }
        state = try ready()
        #expect(throws: RuntimeAPIError.invalidTransition(from: "Ready", to: "Ready")) { try state.askNext() }
    }

    @Test("a request that is gone gets no invocation")
    func abandoned() throws {
        var state = try ready()
        state.abandonNext()
        #expect(!state.isIdle)
        take("a", &state, isHanded: false)
        try ask(&state, Next(handed: "a"))
    }

    @Test("init can only fail before the first request, and ends the environment")
    func initError() throws {
        var state = EnvironmentState()
        try state.failInit()
        #expect(!state.hasRoom)
        #expect(throws: RuntimeAPIError.invalidTransition(from: "Ended", to: "Ready")) { try state.askNext() }
        state = try ready()
        #expect(throws: RuntimeAPIError.invalidTransition(from: "Ready", to: "InitError")) { try state.failInit() }
    }

    @Test("a response sent before the process ended is still taken; nothing later is")
    func leaving() throws {
        var state = try running()
        state.leave()
        #expect(!state.hasRoom)
        try state.beginResponse(to: "a")
        #expect(throws: RuntimeAPIError.self) { try state.askNext() }
        state.end()
        #expect(throws: RuntimeAPIError.invalidRequestID) { try state.beginResponse(to: "a") }
        #expect(state.phase == .ended)
    }

    @Test("an environment runs as many invocations as it has slots, in any order")
    func slots() throws {
        var state = try running(slots: 2)
        #expect(state.hasRoom)
        take("b", &state, isHanded: true)
        #expect(!state.hasRoom)
        try ask(&state, Next(handed: "b"))
        try state.beginResponse(to: "b")
        state.endResponse(to: "b")
        try ask(&state, Next(finished: ["b"]))
        take("c", &state, isHanded: true)
        state.forget("a")
        #expect(state.hasRoom)
        #expect(throws: RuntimeAPIError.invalidRequestID) { try state.beginResponse(to: "a") }
    }
}
