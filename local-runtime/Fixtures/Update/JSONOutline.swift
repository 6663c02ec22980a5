/// The range of a value in a JSON text, and those of everything in it.
struct JSONOutline {
    let range: Range<Int>
    let content: Content

    indirect enum Content {
        case scalar
        /// Elements or members.
        case items([Item])
    }

    struct Item {
        /// The start of a member's name, or of an element.
        let start: Int
        let value: JSONOutline
    }

    /// Of the text that begins at `start`. JSONReader must have accepted it.
    init(of bytes: [UInt8], from start: Int = 0) {
        var scanner = Scanner(bytes: bytes, position: start)
        self = scanner.value()
    }

    private init(_ range: Range<Int>, _ content: Content) {
        self.range = range
        self.content = content
    }

    /// Scans a text that is known to be JSON.
    private struct Scanner {
        let bytes: [UInt8]
        var position: Int

        private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

        private mutating func skipBlanks() {
            while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
        }

        private mutating func skipString() {
            position += 1
            while let byte = next, byte != UInt8(ascii: "\"") { position += byte == UInt8(ascii: "\\") ? 2 : 1 }
            position += 1
        }

        mutating func value() -> JSONOutline {
            skipBlanks()
            let start = position
            switch next {
            case UInt8(ascii: "{"): return items(until: UInt8(ascii: "}"), areMembers: true)
            case UInt8(ascii: "["): return items(until: UInt8(ascii: "]"), areMembers: false)
            case UInt8(ascii: "\""): skipString()
            default: while let byte = next, !",]} \n\r\t".utf8.contains(byte) { position += 1 }
            }
            return JSONOutline(start..<position, .scalar)
        }

        private mutating func items(until end: UInt8, areMembers: Bool) -> JSONOutline {
            let start = position
            var items: [Item] = []
            position += 1
            skipBlanks()
            while let byte = next, byte != end {
                let start = position
                if areMembers {
                    skipString()
                    skipBlanks()
                    // The colon.
                    position += 1
                }
                items.append(Item(start: start, value: value()))
                skipBlanks()
                if next == UInt8(ascii: ",") { position += 1 }
                skipBlanks()
            }
            position += 1
            return JSONOutline(start..<position, .items(items))
        }
    }
}
