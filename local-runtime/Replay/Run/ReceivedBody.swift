package import FunctionCore

extension Body {
    /// A body of pieces that were received; it breaks off if it is not complete.
    package static func received(_ chunks: [[UInt8]], isComplete: Bool) -> Body {
        struct BrokenOff: Error {}
        return .stream { writer in
            for chunk in chunks { try await writer.write(chunk) }
            guard isComplete else { throw BrokenOff() }
        }
    }
}
