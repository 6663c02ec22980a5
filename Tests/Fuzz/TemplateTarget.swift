import FunctionCore

/// Reads the input as a text with references, and if it is JSON, as a fixture's template and as a pattern.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTemplate(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // libFuzzer's input, which lives as long as this call.
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    checkPieces(String(decoding: bytes, as: UTF8.self))
    guard let json = try? JSONReader.read(bytes) else { return 0 }
    let resolved = try? json.resolved(at: .root) { _, _ in .null }
    if !json.refers { precondition(resolved == json, "a text without references changes") }
    // A regular expression may take as long as its author wants.
    guard !bytes.contains("$regex".utf8), let pattern = try? Pattern(json, at: .root) else { return 0 }
    let mismatches = pattern.mismatches(json, at: .root)
    if !bytes.contains(UInt8(ascii: "$")) && !bytes.contains(UInt8(ascii: "\\")) {
        precondition(mismatches.isEmpty, "a pattern without matchers does not hold for itself")
    }
    return 0
}

/// What a text was split into is written again and split into the same.
private func checkPieces(_ text: String) {
    guard let pieces = Reference.pieces(of: text) else { return }
    let parts = joined(pieces)
    let written = parts.map { $0.isReference ? $0.bytes : escaped($0.bytes) }.joined()
    let again = Reference.pieces(of: String(decoding: written, as: UTF8.self))
    precondition(again.map(joined) == parts, "the pieces are not what is written of them")
}

private struct Part: Equatable {
    var bytes: [UInt8]
    let isReference: Bool
}

/// Texts that follow each other as one.
private func joined(_ pieces: [Reference.Piece]) -> [Part] {
    var parts: [Part] = []
    for piece in pieces {
        switch piece {
        case .reference(let reference): parts.append(Part(bytes: Array(reference.description.utf8), isReference: true))
        case .text(let text) where parts.last?.isReference == false: parts[parts.count - 1].bytes += text.utf8
        case .text(let text): parts.append(Part(bytes: Array(text.utf8), isReference: false))
        }
    }
    return parts
}

private func escaped(_ bytes: [UInt8]) -> [UInt8] {
    var escaped: [UInt8] = []
    for (index, byte) in bytes.enumerated() {
        if byte == UInt8(ascii: "$"), bytes[index...].starts(with: "${".utf8) { escaped.append(byte) }
        escaped.append(byte)
    }
    return escaped
}
