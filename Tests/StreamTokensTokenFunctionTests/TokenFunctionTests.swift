import FunctionCore
import StreamTokens
import StreamTokensTokenFunction
import Support
import Testing

@Suite("GET /api/v1/token")
struct TokenFunctionTests {
    private static let unauthorized = #"{"error":"Unauthorized. Please provide a valid secret key.","success":false}"#
    private static let tag = Tag.random(SeededGenerator.bits(seed: 1))
    private static let key = APIKey.random(tag: tag, SeededGenerator.bits(seed: 2)).text

    @Test("a key mints a token that the store knows afterwards")
    func minted() async throws {
        let store = MemoryTokenStore { 1_700_000_000_000 }
        _ = await store.organization(named: "acme") { Self.tag }
        try await store.addKey(#require(APIKey(Self.key)), limit: .default)
        let function = TokenFunction(store: store, randomBits: SeededGenerator.bits(seed: 3))

        let response = await function.handle(try Self.request(query: "ttl=7"))
        let text = StreamToken.random(tag: Self.tag, SeededGenerator.bits(seed: 3)).text
        #expect(response.status == .ok)
        await expect(Self.body(response), is: #"{"success":true,"token":"\#(text)","ttl":7}"#)
        #expect(
            Self.fields(response) == Self.common + ["x-ratelimit-limit: 10", "x-ratelimit-remaining: 9"]
        )
        let token = try #require(StreamToken(text))
        let keyID = try #require(APIKey(Self.key)).id
        let state = await store.show(token)
        #expect(state == .live(keyID: keyID, minted: 1_700_000_000_000, expiry: 1_700_000_007_000))
    }

    @Test(
        "the store's outcome becomes the documented response",
        arguments: [
            (
                .success(.limited(Rate(limit: 10, remaining: 0, retryAfter: 1001))), 429,
                #"{"error":"Rate limit exceeded","success":false}"#,
                ["x-ratelimit-limit: 10", "x-ratelimit-remaining: 0", "retry-after: 2"]
            ),
            (
                .success(.limited(Rate(limit: 10, remaining: 0, retryAfter: 1))), 429,
                #"{"error":"Rate limit exceeded","success":false}"#,
                ["x-ratelimit-limit: 10", "x-ratelimit-remaining: 0", "retry-after: 1"]
            ),
            (
                .success(.noCredits(Rate(limit: 10, remaining: 4, retryAfter: 0))), 402,
                #"{"error":"No credits remaining. Please add credits to continue using the service.","#
                    + #""success":false,"code":"invalid_billing"}"#,
                ["x-ratelimit-limit: 10", "x-ratelimit-remaining: 4"]
            ),
            (.success(.unauthorized), 401, unauthorized, [#"www-authenticate: Bearer error="invalid_token""#]),
            (
                .failure(StoreError("Redis is away", mayHaveBeenExecuted: true)), 500,
                #"{"error":"Failed to create token, please try again or contact support.","#
                    + #""success":false,"code":"internal_server_error"}"#,
                []
            ),
        ] as [(Result<MintOutcome, StoreError>, Int, String, [String])]
    )
    func storeOutcomes(
        outcome: Result<MintOutcome, StoreError>,
        status: Int,
        body: String,
        fields: [String]
    ) async throws {
        let function = TokenFunction(store: FixedStore(outcome: outcome), randomBits: SeededGenerator.bits(seed: 3))
        let response = await function.handle(try Self.request())
        #expect(response.status.code == status)
        await expect(Self.body(response), is: body)
        #expect(Self.fields(response) == Self.common + fields)
        if case .failure = outcome { #expect(response.cause == "Redis is away") }
    }

    @Test(
        "without a well-formed key the response is 401",
        arguments: [
            ([], false),
            ([""], false),
            (["Basic dXNlcjpwYXNz"], false),
            (["Bearer"], false),
            ([key], false),
            (["Bearerx \(key)"], false),
            (["Bearer\(key)"], false),
            (["Bearer\t\(key)"], false),
            (["Bearer nonsense"], true),
            (["Bearer \(key)0"], true),
            (["Bearer \(key.dropLast())"], true),
            (["Bearer \(key), Bearer \(key)"], true),
            (["Bearer pub_tok_\(key.dropFirst(3))"], true),
            (["Bearer \(key)", "Bearer \(key)"], true),
            (["Bearer \(key)", "Basic dXNlcjpwYXNz", "Bearer \(key)"], true),
            (["Bearer \(key)", "Bearer sk_\(key)"], true),
            (["Basic dXNlcjpwYXNz", "Bearer nonsense"], true),
        ] as [([String], Bool)]
    )
    func badKeys(values: [String], wasGiven: Bool) async throws {
        let response = await Self.function.handle(try Self.request(authorization: values, query: "ttl=nonsense"))
        #expect(response.status == .unauthorized)
        await expect(Self.body(response), is: Self.unauthorized)
        let challenge = wasGiven ? #"Bearer error="invalid_token""# : "Bearer"
        #expect(Self.fields(response) == Self.common + ["www-authenticate: \(challenge)"])
        #expect(response.cause?.contains(Self.key) != true)
    }

    @Test(
        "the scheme's case and the number of spaces do not matter",
        arguments: ["Bearer \(key)", "bearer \(key)", "BEARER \(key)", "bEaReR   \(key)"]
    )
    func goodKeys(value: String) async throws {
        try await expect(Self.function.handle(Self.request(authorization: [value])).status, is: .ok)
    }

    @Test(
        "a key is recognized by its form among a proxy's credentials",
        arguments: [
            ["Basic dXNlcjpwYXNz", "Bearer \(key)"], ["Bearer \(key)", "Basic dXNlcjpwYXNz"],
            ["Bearer eyJhbGciOiJub25lIn0.e30.", "Bearer \(key)"], ["Bearer \(key)", "Bearer pub_tok_x", "Bearer y"],
            ["Basic dXNlcjpwYXNz,Bearer \(key)"], ["Bearer \(key), Bearer x"],
        ]
    )
    func besideAnother(values: [String]) async throws {
        try await expect(Self.function.handle(Self.request(authorization: values)).status, is: .ok)
    }

    @Test(
        "a path with slashes at its end is not found, and the text names the path without",
        arguments: ["/api/v1/token/", "/api/v1/token//"]
    )
    func slashBehind(path: String) async {
        let response = await Self.function.handle(Request(path: path))
        #expect(response.status == .notFound)
        let text = "Not found. The path is /api/v1/token, without a slash at its end."
        await expect(Self.body(response), is: #"{"error":"\#(text)","success":false,"code":"not_found"}"#)
        #expect(Self.fields(response) == Self.common)
    }

    @Test("a bad ttl is refused after the key, before the store")
    func badTTL() async throws {
        let down = FixedStore(outcome: .failure(StoreError("down", mayHaveBeenExecuted: false)))
        let function = TokenFunction(store: down, randomBits: SeededGenerator.bits(seed: 3))
        let response = await function.handle(try Self.request(query: "ttl=0"))
        #expect(response.status == .badRequest)
        await expect(
            Self.body(response),
            is: #"{"error":"Invalid ttl. Expected a whole number of seconds from 1 to 300.","#
                + #""success":false,"code":"invalid_ttl"}"#
        )
        #expect(Self.fields(response) == Self.common)
    }

    @Test(
        "only GET and POST mint",
        arguments: [Method.head, .put, .patch, .delete, .options, Method("get"), Method("TRACE")].compactMap(
            \.self
        )
    )
    func methods(method: Method) async {
        let response = await Self.function.handle(Request(method: method, path: "/api/v1/token"))
        #expect(response.status == .methodNotAllowed)
        await expect(
            Self.body(response),
            is: #"{"error":"Method not allowed. Use GET, or POST with a policy.","success":false,"#
                + #""code":"method_not_allowed"}"#
        )
        #expect(Self.fields(response) == Self.common + ["allow: GET, POST"])
    }

    @Test("other paths are not found", arguments: ["/", "//", "/API/v1/token/", "/api/v1/%74oken", "*"])
    func paths(path: String) async {
        let response = await Self.function.handle(Request(path: path))
        #expect(response.status == .notFound)
        await expect(Self.body(response), is: #"{"error":"Not found.","success":false,"code":"not_found"}"#)
        #expect(Self.fields(response) == Self.common)
    }

    static let common = [
        "content-type: application/json", "cache-control: no-store", "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
    ]

    private static let function = TokenFunction(
        store: FixedStore(outcome: .success(.minted(Rate(limit: 10, remaining: 9, retryAfter: 0)))),
        randomBits: SeededGenerator.bits(seed: 3)
    )

    private static func request(
        authorization values: [String] = ["Bearer \(key)"],
        query: String? = nil
    ) throws -> Request {
        var headers = Headers()
        for value in values { headers.append(.authorization, try #require(Headers.Value(value))) }
        return Request(path: "/api/v1/token", query: query, headers: headers)
    }

    static func fields(_ response: Response) -> [String] {
        response.headers.fields.map { "\($0.name): \($0.value)" }
    }

    static func body(_ response: Response) async -> String? {
        guard let bytes = try? await response.body.collect(upTo: 4096) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
