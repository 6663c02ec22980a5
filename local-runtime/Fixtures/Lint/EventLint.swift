import FunctionCore
import FunctionPlatforms

/// Finds mistakes in an event that the reader accepts.
struct EventLint {
    let event: JSON
    let pointer: JSONPointer

    var mistakes: [Mistake] {
        guard let object = try? JSONObject(event, at: pointer), let kind = try? PlatformEvent(object).kind else {
            return leadingMark("query")
        }
        switch kind {
        case .gatewayV2:
            return upperCaseNames + queryInPath("rawPath", into: "rawQueryString") + leadingMark("rawQueryString")
                + unreadParameters
        case .gatewayV1, .loadBalancer, .multiValueLoadBalancer:
            return queryInPath("path", into: "queryStringParameters")
                + disagreement("headers", "multiValueHeaders")
                + disagreement("queryStringParameters", "multiValueQueryStringParameters")
        }
    }

    private var upperCaseNames: [Mistake] {
        members("headers").map(\.name).filter { $0 != $0.lowercased() }.map { name in
            let place = pointer.appending("headers").appending(name)
            let text = "a platform sends the names of headers in lower case"
            return Mistake(place, text, mend: "write \(name.lowercased())")
        }
    }

    private func queryInPath(_ path: String, into query: String) -> [Mistake] {
        guard case .string(let text)? = event.member(path), text.contains("?") else { return [] }
        return [
            Mistake(pointer.appending(path), "a path has no query in it", mend: "put what follows the ? into \(query)")
        ]
    }

    private func leadingMark(_ query: String) -> [Mistake] {
        guard case .string(let text)? = event.member(query), text.hasPrefix("?") else { return [] }
        return [Mistake(pointer.appending(query), "the ? before a query is no part of it", mend: "leave it out")]
    }

    private var unreadParameters: [Mistake] {
        guard !members("queryStringParameters").isEmpty,
            [nil, JSON.null, .string("")].contains(event.member("rawQueryString"))
        else { return [] }
        let place = pointer.appending("queryStringParameters")
        return [Mistake(place, "only rawQueryString is read, and it is empty", mend: "write them there too")]
    }

    /// If an event has both forms, the single one must have the last value of each name.
    private func disagreement(_ single: String, _ multiple: String) -> [Mistake] {
        let (ones, lists) = (members(single), members(multiple))
        guard !ones.isEmpty, !lists.isEmpty else { return [] }
        let differing = ones.filter { one in lists.value(of: one.name)?.elements.last != one.value }
        let missing = lists.filter { ones.value(of: $0.name) == nil }
        let (singlePlace, multiplePlace) = (pointer.appending(single), pointer.appending(multiple))
        let text = "is not the last value of it in \(multiple), and only that is read"
        let mend = "make them agree, or leave \(single) out"
        return differing.map { Mistake(singlePlace.appending($0.name), text, mend: mend) }
            + missing.map { Mistake(multiplePlace.appending($0.name), "is not in \(single)", mend: mend) }
    }

    private func members(_ name: String) -> [JSON.Member] {
        guard case .object(let members)? = event.member(name) else { return [] }
        return members
    }
}
