package import FunctionCore

extension Expectation {
    /// Every difference between `outcome` and what is expected.
    package func mismatches(_ outcome: Outcome) -> [Mismatch] {
        let response = outcome.response
        let status = status?.mismatches(.number(response.status.code), at: pointer.appending("status")) ?? []
        let headers = headers.flatMap { name, pattern in
            mismatches(response.headers.joined(name), of: name, pattern)
        }
        let body = bodyMismatches(outcome.body, isJSON: Self.isJSON(response.headers[.contentType]))
        let pieces = eventMismatches(outcome.body) + chunkMismatches(outcome)
        let silence = silence?.mismatches(outcome.silence, at: pointer.appending("silence")) ?? []
        return status + headers + body + pieces + endingMismatches(outcome) + silence + storeMismatches(outcome.store)
    }

    /// The same without a response, because the process was killed.
    package func mismatchesWithoutResponse(_ contents: JSON?) -> [Mismatch] {
        let missing = status.map { status in
            Mismatch(at: pointer.appending("status"), expected: status.source.description, actual: "no response")
        }
        return [missing].compactMap(\.self) + storeMismatches(contents)
    }

    private func storeMismatches(_ contents: JSON?) -> [Mismatch] {
        store?.mismatches(contents, at: pointer.appending("store")) ?? []
    }

    private func endingMismatches(_ outcome: Outcome) -> [Mismatch] {
        var mismatches: [Mismatch] = []
        if outcome.isComplete != isComplete {
            let (expected, actual) = (Self.ending(isComplete), Self.ending(outcome.isComplete))
            mismatches.append(Mismatch(at: pointer.appending("complete"), expected: expected, actual: actual))
        }
        if let within, outcome.milliseconds > within.milliseconds {
            let actual = "\(outcome.milliseconds)ms"
            mismatches.append(Mismatch(at: pointer.appending("within"), expected: "\(within) at most", actual: actual))
        }
        return mismatches
    }

    private static func ending(_ isComplete: Bool) -> String {
        isComplete ? "true: a whole body" : "false: a body that breaks off"
    }

    private func mismatches(_ value: String?, of name: Headers.Name, _ pattern: Pattern) -> [Mismatch] {
        let pointer = pointer.appending("headers").appending(name.string)
        let actual = value.map(JSON.string)
        guard case .scalar(.null) = pattern.form else { return pattern.mismatches(actual, at: pointer) }
        return actual == nil ? [] : [Mismatch(at: pointer, expected: "absent", actual: actual)]
    }

    /// A string is the body's text, byte for byte; null is an empty body; anything else is compared with the body's JSON.
    private func bodyMismatches(_ bytes: [UInt8], isJSON: Bool) -> [Mismatch] {
        guard let body else { return [] }
        let text = bytes.isEmpty ? nil : JSON.string(String(decoding: bytes, as: UTF8.self))
        let pointer = pointer.appending("body")
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

    private func chunkMismatches(_ outcome: Outcome) -> [Mismatch] {
        guard let chunks else { return [] }
        let pointer = pointer.appending("chunks")
        guard !outcome.keepsChunks else { return Self.mismatches(outcome.texts, chunks, at: pointer) }
        // With a matcher among the pieces, it is unknown where each one ends in the whole.
        let texts = chunks.compactMap(\.text)
        let whole = String(decoding: outcome.body, as: UTF8.self)
        guard texts.count == chunks.count, texts.joined() != whole else { return [] }
        return [Mismatch(at: pointer, expected: "\(JSON.string(texts.joined()))", actual: .string(whole))]
    }

    /// The elements must match the patterns one by one, and be as many.
    static func mismatches(_ actual: [JSON], _ patterns: [Pattern], at pointer: JSONPointer) -> [Mismatch] {
        let pairs = zip(actual, patterns).enumerated().flatMap { index, pair in
            pair.1.mismatches(pair.0, at: pointer.appending(index))
        }
        guard actual.count != patterns.count else { return pairs }
        return pairs + [Mismatch(at: pointer, expected: "\(patterns.count) of them", actual: .array(actual))]
    }

    static func isJSON(_ contentType: Headers.Value?) -> Bool {
        guard let type = contentType?.string.prefix(while: { $0 != ";" && $0 != " " }).lowercased() else {
            return false
        }
        return type == "application/json" || type.hasSuffix("+json")
    }
}

extension Pattern {
    /// The text of a pattern that is a literal text.
    fileprivate var text: String? {
        guard case .scalar(.string(let text)) = form else { return nil }
        return text
    }
}
