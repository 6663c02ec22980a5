public import Testing

// `#expect` prints no values if its expression contains `try` or `await`. These functions print them, as in
// `try await expect(store.show(token), is: .unknown)`.

/// Expects `value == expected`.
public func expect<Value: Equatable>(
    _ value: Value,
    is expected: Value,
    _ comment: @autoclosure () -> Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(value == expected, comment(), sourceLocation: sourceLocation)
}

/// Expects `value != other`.
public func expect<Value: Equatable>(
    _ value: Value,
    isNot other: Value,
    _ comment: @autoclosure () -> Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(value != other, comment(), sourceLocation: sourceLocation)
}

/// Expects that the range contains the value, as in `expect(count, in: ..<256)`.
public func expect<Range: RangeExpression>(
    _ value: Range.Bound,
    in range: Range,
    _ comment: @autoclosure () -> Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(range.contains(value), comment(), sourceLocation: sourceLocation)
}

/// Expects `value == expected`, and throws otherwise.
public func require<Value: Equatable>(
    _ value: Value,
    is expected: Value,
    _ comment: @autoclosure () -> Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    try #require(value == expected, comment(), sourceLocation: sourceLocation)
}
