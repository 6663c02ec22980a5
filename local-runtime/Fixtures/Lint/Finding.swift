package import FunctionCore
package import LocalRuntimeConsole

/// A problem in a fixture or a file of givens.
package struct Finding: Hashable, Sendable {
    package enum Severity: String, Sendable {
        /// The readers reject it.
        case error
        /// The readers accept it, but it is hardly intended.
        case warning
    }

    package let severity: Severity
    /// The file and the place in it: `a.json#/path`, or `a.json:3:14` where the text is no JSON.
    package let place: String
    package let text: String
    /// How to correct it; nil if the text says so already.
    let mend: String?

    package init(_ error: FixtureError, in file: String) {
        switch error {
        case .content(.syntax(let error)):
            self.init(place: "\(file):\(error.line):\(error.column)", error.reason)
        case .content(.shape(let pointer, let reason)): self.init(place: "\(file)#\(pointer)", reason)
        case .file(let reason): self.init(place: "\(file)#", reason)
        case .elsewhere(let other, let error): self.init(error, in: other)
        }
    }

    private init(place: String, _ reason: String) {
        severity = .error
        self.place = place
        text = reason
        mend = nil
    }

    package init(
        _ severity: Severity = .warning,
        in file: String,
        at pointer: JSONPointer = .root,
        _ text: String,
        mend: String
    ) {
        self.severity = severity
        place = "\(file)#\(pointer)"
        self.text = text
        self.mend = mend
    }

    package init(_ mistake: Mistake, in file: String) {
        self.init(in: file, at: mistake.pointer, mistake.text, mend: mistake.mend)
    }

    /// `a.json#/query: warning: begins with ?; leave it out`
    package func line(on output: Output) -> String {
        let word = output.colored(severity.rawValue, severity == .error ? .red : .yellow)
        return Secrets.masked("\(place): \(word): \(text)\(mend.map { "; " + $0 } ?? "")")
    }
}

/// A place in a document that the readers accept, but that is hardly intended.
package struct Mistake: Hashable, Sendable {
    package let pointer: JSONPointer
    package let text: String
    let mend: String

    package init(_ pointer: JSONPointer, _ text: String, mend: String) {
        self.pointer = pointer
        self.text = text
        self.mend = mend
    }
}
