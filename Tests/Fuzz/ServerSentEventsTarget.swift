import FunctionCore

/// The first byte seeds the pieces, the rest is an event stream, and once more the text of an event.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzServerSentEvents(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // libFuzzer's input, which lives as long as this call.
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let seed = input.first else { return 0 }
    let bytes = input.dropFirst()
    let limit = seed & 1 == 0 ? 1 << 20 : 24
    let (halves, single) = (pieces(of: bytes, seed: seed), bytes.indices.map { bytes[$0...$0] })

    let whole = events(in: [bytes], limit: limit)
    precondition(events(in: halves, limit: limit) == whole, "the split matters")
    precondition(events(in: single, limit: limit) == whole, "the split matters")
    precondition(blocks(in: halves, limit: limit) == blocks(in: [bytes], limit: limit), "the split matters")
    for event in whole ?? [] {
        precondition(event.data.utf8.count <= 3 * limit, "data over the limit")
        precondition(EventBytes(again(event)) == EventBytes(event), "what is written is not what was read")
    }

    let text = String(decoding: bytes, as: UTF8.self)
    var event = ServerSentEvent(type: text, data: text, id: text, retry: Int(seed))
    let written = again(event)
    let hasLineEnd = text.utf8.contains { $0 == 0x0A || $0 == 0x0D }
    event.type = text.isEmpty || hasLineEnd ? nil : text
    event.id = hasLineEnd || text.utf8.contains(0) ? nil : text
    event.data = joinedLines(text)
    precondition(EventBytes(written) == EventBytes(event), "what is read is not what was written")

    let textLimit = 4 + Int(seed >> 1)
    for pieces in [[bytes], halves, single] {
        let texts = texts(in: pieces, limit: textLimit)
        precondition(texts.joined().utf8.elementsEqual(text.utf8), "the texts are not what the bytes are")
        precondition(texts.allSatisfy { (1...textLimit).contains($0.utf8.count) }, "too short or too long")
        for (text, next) in zip(texts, texts.dropFirst()) {
            precondition(text.utf8.last != 0x0D || next.utf8.first != 0x0A, "cut within CRLF")
        }
    }
    return 0
}

/// Nil if the stream was refused.
private func events(in pieces: [ArraySlice<UInt8>], limit: Int) -> [ServerSentEvent]? {
    var parser = ServerSentEventParser(limit: limit)
    var events: [ServerSentEvent] = []
    for piece in pieces {
        guard let next = try? parser.feed(Array(piece)) else { return nil }
        events += next
    }
    return events
}

/// What is told before the stream ends or is refused.
private func blocks(in pieces: [ArraySlice<UInt8>], limit: Int) -> [ServerSentEventParser.Block] {
    var parser = ServerSentEventParser(limit: limit)
    var blocks: [ServerSentEventParser.Block] = []
    for piece in pieces {
        guard let next = try? parser.blocks(Array(piece)) else { break }
        blocks += next
    }
    return blocks
}

/// The event that is read when `event` is written.
private func again(_ event: ServerSentEvent) -> ServerSentEvent {
    var bytes: [UInt8] = []
    event.append(to: &bytes)
    let read = events(in: [bytes[...]], limit: 1 << 20) ?? []
    precondition(read.count == 1, "an event is not read as one")
    return read[0]
}

/// The text with its lines ending in LF.
private func joinedLines(_ text: String) -> String {
    var bytes: [UInt8] = []
    var previous: UInt8 = 0
    for byte in text.utf8 {
        if byte != 0x0A || previous != 0x0D { bytes.append(byte == 0x0D ? 0x0A : byte) }
        previous = byte
    }
    return String(decoding: bytes, as: UTF8.self)
}

private func texts(in pieces: [ArraySlice<UInt8>], limit: Int) -> [String] {
    var chunks = TextChunks(limit: limit)
    return pieces.flatMap { chunks.take(Array($0)) } + (chunks.finish().map { [$0] } ?? [])
}
