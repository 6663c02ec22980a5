@testable import FunctionRedis

extension ConnectionState.Outcome {
    var isNothing: Bool { if case .nothing = self { true } else { false } }
    var isReady: Bool { if case .ready = self { true } else { false } }

    var closeReason: RedisError.Reason? {
        if case .close(let reason) = self { reason } else { nil }
    }

    var reply: (Waiter, Result<RedisReply, RedisError>)? {
        switch self {
        case .reply(let waiter, let result): (waiter, result)
        case .demoted(let waiters, let error): (waiters[0], .failure(RedisError(error)))
        default: nil
        }
    }
}

extension ConnectionState<Int>.Outcome {
    /// The replies that are released, by waiter.
    var released: [Int: Result<RedisReply, RedisError>]? {
        if case .release(let results) = self { Dictionary(results) { first, _ in first } } else { nil }
    }
}
