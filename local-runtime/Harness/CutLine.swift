package import FunctionCore

/// A client's line that is cut after so many server-sent events.
package actor CutLine: BodyWriter {
    private let writer: any BodyWriter
    private let count: Int
    private var bytes: [UInt8] = []

    private struct Cut: Error {}

    private init(to writer: any BodyWriter, after count: Int) {
        self.writer = writer
        self.count = count
    }

    /// What comes before the end of that event, and of one block at least, reaches `writer`; all of it if `count` is nil.
    package static func writer(to writer: any BodyWriter, after count: Int?) -> any BodyWriter {
        count.map { CutLine(to: writer, after: $0) } ?? writer
    }

    package func write(_ chunk: [UInt8]) async throws {
        let before = bytes.count
        bytes += chunk
        guard let end = Self.end(of: count, in: bytes) else { return try await writer.write(chunk) }
        try await writer.write(Array(bytes[before..<max(before, end)]))
        throw Cut()
    }

    /// Where so many events end, and one block at least; nil if there are fewer.
    private static func end(of count: Int, in bytes: [UInt8]) -> Int? {
        let lineEnd = UInt8(ascii: "\n")
        var (found, start) = (0, 0)
        for end in bytes.indices.dropFirst() where bytes[end] == lineEnd && bytes[end - 1] == lineEnd {
            let lines = bytes[start..<end].split(separator: lineEnd)
            if lines.contains(where: { $0.starts(with: "data:".utf8) }) { found += 1 }
            start = end + 1
            if found >= count { return start }
        }
        return nil
    }
}

extension ServerSentEvent {
    /// The last id of the complete blocks, which EventSource sends back; nil if there is none.
    package static func lastID(in bytes: [UInt8]) -> String? {
        var parser = ServerSentEventParser()
        var last: String?
        for block in (try? parser.blocks(bytes)) ?? [] {
            switch block {
            case .event(let event): last = event.id ?? last
            case .reconnection(let reconnection): last = reconnection.id ?? last
            }
        }
        return last
    }
}
