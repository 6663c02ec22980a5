package import FunctionCore
package import LocalRuntimeConsole

/// Something that is wrong in a fixture.
package struct Finding: Hashable, Sendable {
    package enum Severity: String, Sendable {
        /// The readers refuse it.
        case error
        /// They let it pass, but it is surely not what was meant.
        case warning
    }

    package let severity: Severity
    /// The file and the place in it: `a.json#/path`, or `a.json:3:14` in what is no JSON.
    package let place: String
    package let text: String
    /// What to do about it, where the text does not say so already.
    let mend: String?

    package init(_ error: FixtureError, in file: String) {
        severity = .error
        switch error {
        case .content(.syntax(let error)):
            place = "\(file):\(error.line):\(error.column)"
            text = error.reason
        case .content(.shape(let pointer, let reason)):
            place = "\(file)#\(pointer)"
            text = reason
        case .file(let reason):
            place = "\(file)#"
            text = reason
        }
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

/// What the readers let pass in a document though it is not what was meant.
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
