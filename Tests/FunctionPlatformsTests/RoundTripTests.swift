import FunctionCore
import FunctionPlatforms
import Support
import Testing

/// Random requests and responses through a platform and back: all comes through but what is said of each kind here.
@Suite("To a function on AWS and back")
struct RoundTripTests {
    private static let count = LongRun.isOn ? 20_000 : 500

    @Test("a request comes through every kind of event that can carry it", arguments: PlatformEvent.Kind.allCases)
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
            try #require(try await seen.body.collect(upTo: 1 << 20) == body)
            let hasID = kind == .gatewayV1 || kind == .gatewayV2
            try #require(seen.id == (hasID ? context.requestID : ""))
        }
    }

    @Test("a response comes back through every kind of event that can carry it", arguments: PlatformEvent.Kind.allCases)
    func responses(kind: PlatformEvent.Kind) async throws {
        var random = SeededGenerator(seed: 2)
        let front = GatewaySimulator(kind: kind)
        for _ in 0..<Self.count {
            let (response, body) = random.response()
            let seen = try front.response(from: PlatformEvent.encode(response, body: body, for: kind))
            try #require(seen.status == response.status)
            let hasBody = response.status != .noContent && response.status != .notModified
            try #require(try await seen.body.collect(upTo: 1 << 20) == (hasBody ? body : []))
            try #require(answered(seen.headers, by: kind) == answered(response.headers, by: kind))
            let head = try front.streamedHead(from: PlatformEvent.encodePrelude(response))
            try #require(head.status == response.status)
            try #require(answered(head.headers, by: .gatewayV2) == answered(response.headers, by: .gatewayV2))
        }
    }

    /// What a kind keeps of a query. Format 2.0: all but whether an empty one is there. The others: parameters without
    /// the order between names, `a` as `a=`; a load balancer with single values the last of each name.
    private func query(_ query: String?, carriedBy kind: PlatformEvent.Kind) -> [String: [String]] {
        if kind == .gatewayV2 { return ["": [query ?? ""]] }
        var parameters: [String: [String]] = [:]
        for parameter in Parameters(query ?? "").all {
            if kind == .loadBalancer { parameters[parameter.name] = [] }
            parameters[parameter.name, default: []].append(parameter.value)
        }
        return parameters
    }

    /// The parameters as they came, `a` as `a=`.
    private func pieces(_ query: String?) -> [String] {
        (query ?? "").split(separator: "&").map { $0.contains("=") ? String($0) : "\($0)=" }
    }

    /// Fields by name, in the way that a kind keeps them.
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

    /// Fields by name, in the way that an answer of a kind has them: a list without its empty elements.
    private func answered(_ headers: Headers, by kind: PlatformEvent.Kind) -> [String: [String]] {
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
