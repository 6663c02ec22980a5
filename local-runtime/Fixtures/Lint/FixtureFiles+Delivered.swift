package import FunctionCore

extension FixtureFiles {
    /// The files of events that a scenario delivers, as far as it can be read.
    package var deliveredEvents: [String] {
        guard kind == .scenario, let bytes = try? FixtureFile.read(expectation),
            let source = try? JSONReader.document(bytes)
        else { return [] }
        let steps = source.member("steps")?.elements ?? []
        return (steps + steps.flatMap { $0.member("parallel")?.elements ?? [] }).compactMap { step in
            guard case .string(let file)? = step.member("event") else { return nil }
            return beside(file)
        }
    }

    /// The path of a file as a scenario names it.
    package func beside(_ file: String) -> String {
        name.lastIndex(of: "/").map { name[...$0] + file } ?? file
    }
}

extension JSON {
    /// An object's member; nil if it has none of the name, and of anything else.
    package func member(_ name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.value(of: name)
    }

    /// An array's elements; none of anything else.
    package var elements: [JSON] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }
}
