package import FunctionCore

extension ChunkPipe {
    /// What is left of the answer, behind `beginning`, as a response's content. Where it breaks off, so does that.
    package func body(after beginning: [UInt8] = []) -> Body {
        .stream { writer in
            // Without it the function would wait for ever for a client that has gone.
            defer { self.abandon() }
            if !beginning.isEmpty { try await writer.write(beginning) }
            while let chunk = try await self.next() { try await writer.write(chunk) }
        }
    }

    /// All of the answer; nil if it breaks off, or is longer than `limit` bytes.
    package func collect(upTo limit: Int) async -> [UInt8]? {
        defer { abandon() }
        var bytes: [UInt8] = []
        do throws(Broken) {
            while let chunk = try await next() {
                bytes += chunk
                guard bytes.count <= limit else { return nil }
            }
            return bytes
        } catch {
            return nil
        }
    }
}
