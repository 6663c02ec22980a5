import FunctionCore
import FunctionPlatforms

/// Finds mistakes in an event that can be read.
struct EventLint {
    private let event: JSON
    private let pointer: JSONPointer

    init(_ event: JSON, at pointer: JSONPointer) {
        self.event = event
        self.pointer = pointer
    }

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
            Mistake(
                pointer.appending("headers").appending(name),
                "a platform sends the names of headers in lower case",
                mend: "write \(name.lowercased())"
            )
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
        guard !members("queryStringParameters").isEmpty else { return [] }
        switch event.member("rawQueryString") {
        case nil, .null?, .string("")?: break
        default: return []
        }
        return [
            Mistake(
                pointer.appending("queryStringParameters"),
                "rawQueryString alone is read, and it is empty",
                mend: "write them there too"
            )
        ]
    }

    /// Where both forms are there, the single one has the last of each name's values.
    private func disagreement(_ single: String, _ multiple: String) -> [Mistake] {
        let (ones, lists) = (members(single), members(multiple))
        guard !ones.isEmpty, !lists.isEmpty else { return [] }
        let missing = lists.map(\.name).filter { name in ones.value(of: name) == nil }
        return ones.compactMap { one in
            if case .array(let values)? = event.member(multiple)?.member(one.name), values.last == one.value {
                return nil
            }
            return Mistake(
                pointer.appending(single).appending(one.name),
                "is not the last value of it in \(multiple), which alone is read",
                mend: "make them agree, or leave \(single) out"
            )
        }
            + missing.map { name in
                Mistake(
                    pointer.appending(multiple).appending(name),
                    "is not in \(single)",
                    mend: "make them agree, or leave \(single) out"
                )
            }
    }

    private func members(_ name: String) -> [JSON.Member] {
        guard case .object(let members)? = event.member(name) else { return [] }
        return members
    }
}
