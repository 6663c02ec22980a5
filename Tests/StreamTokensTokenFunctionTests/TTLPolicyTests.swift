import Testing

@testable import StreamTokensTokenFunction

@Suite("The ttl parameter")
struct TTLPolicyTests {
    @Test(
        "strict accepts only whole numbers from 1 to 300",
        arguments: [
            ([], 60), ([""], 60), (["1"], 1), (["60"], 60), (["300"], 300), (["99"], 99),
            (["0"], nil), (["301"], nil), (["999"], nil), (["1000"], nil), (["060"], nil), (["+60"], nil),
            (["-1"], nil), (["60.0"], nil), (["1e2"], nil), ([" 60"], nil), (["60 "], nil), (["٦٠"], nil),
            (["abc"], nil), (["99999999999999999999"], nil), (["60", "60"], nil), (["", "60"], nil), (["", ""], nil),
        ] as [([String], Int?)]
    )
    func strict(values: [String], ttl: Int?) {
        #expect(TTLPolicy.strict.ttl(from: values) == ttl)
    }

    @Test(
        "clamp rounds numbers down and clamps them to 1 to 300, and means 60 for anything else",
        arguments: [
            ([], 60), ([""], 60), (["1"], 1), (["60"], 60), (["300"], 300), (["060"], 60),
            (["0"], 1), (["-5"], 1), (["-0.5"], 1), (["0.9"], 1), (["1.99"], 1), (["299.999"], 299), (["300.5"], 300),
            (["301"], 300), (["99999999999999999999999"], 300), (["-99999999999999999999999"], 1),
            (["+60"], 60), (["5."], 60), ([".5"], 60), (["1.2.3"], 60), (["1e2"], 60), (["-"], 60), (["--5"], 60),
            ([" 5"], 60), (["five"], 60), (["5", "5"], 60), (["", "5"], 60),
        ] as [([String], Int)]
    )
    func clamp(values: [String], ttl: Int) {
        #expect(TTLPolicy.clamp.ttl(from: values) == ttl)
    }
}
