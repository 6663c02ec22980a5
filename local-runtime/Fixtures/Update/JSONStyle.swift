import FunctionCore

/// The layout of a JSON text.
struct JSONStyle {
    /// Whether members have lines of their own.
    let isInLines: Bool
    let lineEnd: [UInt8]
    /// The indentation of one level.
    let unit: [UInt8]
    /// The colon and the blanks around it.
    let colon: [UInt8]
    /// The blanks after a comma within a line.
    let blank: [UInt8]

    init(of bytes: [UInt8], _ outline: JSONOutline) {
        let lineFeed = bytes.firstIndex(of: UInt8(ascii: "\n"))
        lineEnd = Array((lineFeed.map { $0 > 0 && bytes[$0 - 1] == UInt8(ascii: "\r") } ?? false ? "\r\n" : "\n").utf8)
        let items: [JSONOutline.Item] = if case .items(let items) = outline.content { items } else { [] }
        let lead = items.first.map { bytes[outline.range.lowerBound + 1..<$0.start] } ?? []
        isInLines = items.isEmpty || lead.contains(UInt8(ascii: "\n"))
        let indent = lead.lastIndex(of: UInt8(ascii: "\n")).map { Array(lead[($0 + 1)...]) } ?? []
        unit = indent.isEmpty ? Array("  ".utf8) : indent
        // From the end of the first member's name. A fixture has a member.
        let head = items.first.map { bytes[$0.start..<$0.value.range.lowerBound] } ?? []
        let nameEnd = head.lastIndex(of: UInt8(ascii: "\"")).map { $0 + 1 }
        colon = nameEnd.map { Array(head[$0...]) } ?? Array(": ".utf8)
        blank = colon.last == UInt8(ascii: ":") ? [] : Array(" ".utf8)
    }

    /// The text of a value. If the text has lines, each member or element gets a line. `indent` is the indentation of
    /// the value's own line; nil keeps the value within its line.
    func text(_ json: JSON, at indent: [UInt8]?) -> [UInt8] {
        let indent = isInLines ? indent : nil
        switch json {
        case .array(let elements) where !elements.isEmpty:
            return list("[", elements.map { text($0, at: indent.map { $0 + unit }) }, "]", at: indent)
        case .object(let members) where !members.isEmpty:
            let items = members.map { member in
                JSON.string(member.name).description.utf8 + colon + text(member.value, at: indent.map { $0 + unit })
            }
            return list("{", items, "}", at: indent)
        case .null, .bool, .number, .string, .array, .object:
            return Array(json.description.utf8)
        }
    }

    private func list(_ open: String, _ items: [[UInt8]], _ close: String, at indent: [UInt8]?) -> [UInt8] {
        let lead = indent.map { lineEnd + $0 + unit } ?? []
        let gap = Array(",".utf8) + (indent == nil ? blank : lead)
        return open.utf8 + lead + items.joined(separator: gap) + (indent.map { lineEnd + $0 } ?? []) + close.utf8
    }
}
