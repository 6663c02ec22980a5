/// Splits an input into pieces of 1 to 32 bytes.
func pieces(of bytes: ArraySlice<UInt8>, seed: UInt8) -> [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var rest = bytes
    var state = UInt64(seed) | 1
    while !rest.isEmpty {
        // Knuth's multiplier: any pieces will do, as long as an input always gives the same.
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let piece = rest.prefix(1 + Int(state >> 59))
        pieces.append(piece)
        rest = rest.dropFirst(piece.count)
    }
    return pieces
}
