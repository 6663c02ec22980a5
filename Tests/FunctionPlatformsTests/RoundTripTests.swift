import FunctionCore
import FunctionPlatforms
import Support
import Testing

/// Sends random requests and responses through a platform and back. Nothing may be lost except what is described here
/// for each kind.
@Suite("Round trips through AWS")
struct RoundTripTests {
    private static let count = LongRun.isOn ? 20_000 : 500

    @Test("a request survives every kind of event", arguments: PlatformEvent.Kind.allCases)
    func requests(kind: PlatformEvent.Kind) async throws {
        var random = SeededGenerator(seed: 1)
        let front = GatewaySimulator(kind: kind)
        for index in 0..<Self.count {
            let (request, body) = random.request()
            let context = FrontContext(requestID: "id-\(index)", time: index, sourceIP: "192.0.2.1")
            let event = try PlatformEvent(reading: front.event(for: request, body: body, context: context))
            let seen = event.request
            try #require(event.kind == kind)
            try #require(seen.method == request.method)
            try #require(seen.path == request.path)
            try #require(query(seen.query, carriedBy: kind) == query(request.query, carriedBy: kind))
            if kind == .multiValueLoadBalancer || kind == .loadBalancer {
                try #require(Set(pieces(seen.query)).isSubset(of: pieces(request.query)))
            }
            var headers = seen.headers
            for name in ["x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"] as [Headers.Name] {
                headers.remove(name)
            }
            try #require(fields(headers, in: kind) == fields(request.headers, in: kind))
            try await require(seen.body.collect(upTo: 1 << 20), is: body)
            let hasID = kind == .gatewayV1 || kind == .gatewayV2
            try #require(seen.id == (hasID ? context.requestID : ""))
        }
    }

    @Test("a response survives every kind of event", arguments: PlatformEvent.Kind.allCases)
    func responses(kind: PlatformEvent.Kind) async throws {
        var random = SeededGenerator(seed: 2)
        let front = GatewaySimulator(kind: kind)
        for _ in 0..<Self.count {
            let (response, body) = random.response()
            let seen = try front.response(from: PlatformEvent.encode(response, body: body, for: kind))
            try #require(seen.status == response.status)
            let hasBody = response.status != .noContent && response.status != .notModified
            try await require(seen.body.collect(upTo: 1 << 20), is: hasBody ? body : [])
            try #require(responseFields(seen.headers, in: kind) == responseFields(response.headers, in: kind))
            let head = try front.streamedHead(from: PlatformEvent.encodePrelude(response))
            try #require(head.status == response.status)
            let kept = responseFields(response.headers, in: .gatewayV2)
            try #require(responseFields(head.headers, in: .gatewayV2) == kept)
        }
    }

    /// The part of a query that a kind keeps. Format 2.0 keeps everything except whether an empty query exists. The
    /// others lose the order between names and read `a` as `a=`; a load balancer with single values keeps only the last
    /// value of each name.
    private func query(_ query: String?, carriedBy kind: PlatformEvent.Kind) -> [String: [String]] {
        if kind == .gatewayV2 { return ["": [query ?? ""]] }
        var parameters: [String: [String]] = [:]
        for parameter in Parameters(query ?? "").all {
            if kind == .loadBalancer { parameters[parameter.name] = [] }
            parameters[parameter.name, default: []].append(parameter.value)
        }
        return parameters
    }

    /// The parameters, not decoded, with `a` as `a=`.
    private func pieces(_ query: String?) -> [String] {
        (query ?? "").split(separator: "&").map { $0.contains("=") ? String($0) : "\($0)=" }
    }

    /// The fields of a request by name, in the form that a kind keeps.
    private func fields(_ headers: Headers, in kind: PlatformEvent.Kind) -> [String: [String]] {
        Dictionary(grouping: headers.fields, by: \.name.string).mapValues { fields in
            let values = fields.map(\.value.string)
            switch kind {
            case .gatewayV2: return [values.joined(separator: fields[0].name == "cookie" ? "; " : ",")]
            case .loadBalancer: return values.suffix(1)
            case .gatewayV1, .multiValueLoadBalancer: return values
            }
        }
    }

    /// The fields of a response by name, in the form that a kind keeps: lists without empty elements.
    private func responseFields(_ headers: Headers, in kind: PlatformEvent.Kind) -> [String: [String]] {
        Dictionary(grouping: headers.fields, by: \.name.string).mapValues { fields in
            let values = fields.map(\.value.string)
            switch (kind, fields[0].name) {
            case (.gatewayV1, _), (.multiValueLoadBalancer, _), (.gatewayV2, .setCookie): return values
            case (.loadBalancer, .setCookie): return values.suffix(1)
            case (.gatewayV2, _), (.loadBalancer, _): return [values.filter { !$0.isEmpty }.joined(separator: ", ")]
            }
        }
    }
}
