import Function

extension Expectation {
    /// Everything in which `outcome` is not what is expected.
    func mismatches(_ outcome: Outcome) -> [Mismatch] {
        let response = outcome.response
        let status = status.mismatches(
            .number(Double(response.status.code)),
            at: JSONPointer.root.appending("status")
        )
        let headers = headers.flatMap { name, pattern in
            mismatches(response.headers.values(of: name), of: name, pattern)
        }
        let body = bodyMismatches(outcome.body, isJSON: Self.isJSON(response.headers[.contentType]))
        let store = store?.mismatches(outcome.store, at: JSONPointer.root.appending("store")) ?? []
        return status + headers + body + completenessMismatches(outcome) + store
    }

    private func completenessMismatches(_ outcome: Outcome) -> [Mismatch] {
        guard outcome.isComplete != isComplete else { return [] }
        return [
            Mismatch(
                at: JSONPointer.root.appending("complete"),
                expected: Self.ending(isComplete),
                actual: Self.ending(outcome.isComplete)
            )
        ]
    }

    private static func ending(_ isComplete: Bool) -> String {
        isComplete ? "true: a whole body" : "false: a body that is broken off"
    }

    /// Repeats count as one value, joined as RFC 9110, section 5.3 says.
    private func mismatches(_ values: [Headers.Value], of name: Headers.Name, _ pattern: Pattern) -> [Mismatch] {
        let pointer = JSONPointer.root.appending("headers").appending(name.string)
        let actual = values.isEmpty ? nil : JSON.string(values.map(\.string).joined(separator: ", "))
        guard case .scalar(.null) = pattern.form else { return pattern.mismatches(actual, at: pointer) }
        return actual == nil ? [] : [Mismatch(at: pointer, expected: "absent", actual: actual)]
    }

    /// A string stands for the body's text, byte for byte; null for none; anything else for its value, if it is JSON.
    private func bodyMismatches(_ bytes: [UInt8], isJSON: Bool) -> [Mismatch] {
        guard let body else { return [] }
        let text = bytes.isEmpty ? nil : JSON.string(String(decoding: bytes, as: UTF8.self))
        let pointer = JSONPointer.root.appending("body")
        if case .scalar(.null) = body.form {
            return text == nil ? [] : [Mismatch(at: pointer, expected: "absent", actual: text)]
        }
        guard isJSON, text != nil else { return body.mismatches(text, at: pointer) }
        if case .scalar(.string) = body.form { return body.mismatches(text, at: pointer) }
        do throws(JSONError) {
            return body.mismatches(try JSONReader.read(bytes), at: pointer)
        } catch {
            return [Mismatch(at: pointer, expected: "JSON, as the content-type says", actual: text)]
        }
    }

    private static func isJSON(_ contentType: Headers.Value?) -> Bool {
        guard let type = contentType?.string.prefix(while: { $0 != ";" && $0 != " " }).lowercased() else {
            return false
        }
        return type == "application/json" || type.hasSuffix("+json")
    }
}
