package import FunctionCore

/// Reads content to its end and keeps it, unless it is longer than a limit: then only its length.
///
/// Who sends too much may read no answer before all is sent.
actor LimitedContent: BodyWriter {
    private let limit: Int
    private(set) var count = 0
    private var kept: [UInt8] = []

    init(limit: Int) {
        self.limit = limit
    }

    /// Nil if there was more than the limit.
    var bytes: [UInt8]? { count > limit ? nil : kept }

    func write(_ chunk: [UInt8]) {
        count += chunk.count
        if count <= limit { kept += chunk } else { kept = [] }
    }
}

extension Body {
    /// All of it; nil if it is longer than `limit` bytes, which is told only at its end.
    package func content(upTo limit: Int) async throws -> [UInt8]? {
        let content = LimitedContent(limit: limit)
        try await write(to: content)
        return await content.bytes
    }
}
