import FunctionCore
import LocalRuntimeConsole

/// A JSON text whose values can be replaced in its own layout. Everything that does not change stays byte by byte.
struct JSONText {
    let json: JSON
    private let bytes: [UInt8]
    private let outline: JSONOutline
    private let style: JSONStyle

    /// Of a file; nil if it has no JSON.
    init?(_ file: String) {
        // The reader removes a mark before the text; the file keeps it.
        guard let text = try? FixtureFile.read(file),
            let bytes = try? Input.read(file: file, upTo: FixtureFile.sizeLimit, takesPipes: false)
        else { return nil }
        self.init(text, after: Array(bytes.prefix(bytes.count - text.count)))
    }

    /// `before` comes before the text, and is kept.
    init?(_ text: [UInt8], after before: [UInt8] = []) {
        guard let json = try? JSONReader.read(text) else { return nil }
        self.json = json
        bytes = before + text
        outline = JSONOutline(of: bytes, from: before.count)
        style = JSONStyle(of: bytes, outline)
    }

    /// The text with `new` as its value, in the same layout. Members keep their places, whatever their order in `new`.
    func replaced(by new: JSON) -> [UInt8] {
        Array(bytes[..<outline.range.lowerBound]) + rendered(outline, json, new) + bytes[outline.range.upperBound...]
    }

    /// An element or member to write: an old one with its text, or a new one.
    private enum Item {
        case kept(Int, [UInt8])
        case new(JSON, name: String?)
    }

    private func rendered(_ outline: JSONOutline, _ old: JSON, _ new: JSON) -> [UInt8] {
        if old == new { return Array(bytes[outline.range]) }
        switch (outline.content, old, new) {
        case (.items(let places), .object(let oldMembers), .object(let newMembers)):
            var items: [Item] = []
            for (index, member) in oldMembers.enumerated() {
                guard let value = newMembers.value(of: member.name) else { continue }
                items.append(.kept(index, text(of: places[index], member.value, value)))
            }
            for member in newMembers where oldMembers.value(of: member.name) == nil {
                items.append(.new(member.value, name: member.name))
            }
            return container(outline, places, items)
        case (.items(let places), .array(let oldElements), .array(let newElements)):
            return container(outline, places, items(places, oldElements, newElements))
        default:
            return style.text(new, at: indentation(of: outline.range.lowerBound))
        }
    }

    /// Equal elements at the beginning and the end keep their text. Those between replace each other in order.
    private func items(_ places: [JSONOutline.Item], _ old: [JSON], _ new: [JSON]) -> [Item] {
        let shorter = min(old.count, new.count)
        let before = zip(old, new).prefix { $0 == $1 }.count
        let after = min(zip(old.reversed(), new.reversed()).prefix { $0 == $1 }.count, shorter - before)
        return new.enumerated().map { index, element in
            let isAtEnd = index >= new.count - after
            guard isAtEnd || index < old.count - after else { return .new(element, name: nil) }
            let place = isAtEnd ? index + old.count - new.count : index
            return .kept(place, text(of: places[place], old[place], element))
        }
    }

    private func text(of place: JSONOutline.Item, _ old: JSON, _ new: JSON) -> [UInt8] {
        bytes[place.start..<place.value.range.lowerBound] + rendered(place.value, old, new)
    }

    /// An array or object of the items, with the old text between them.
    private func container(_ outline: JSONOutline, _ places: [JSONOutline.Item], _ items: [Item]) -> [UInt8] {
        let (open, close) = (outline.range.lowerBound, outline.range.upperBound - 1)
        guard !items.isEmpty else { return [bytes[open], bytes[close]] }
        let own = indentation(of: open)
        let lead: [UInt8]
        let trail: [UInt8]
        if let first = places.first, let last = places.last {
            lead = Array(bytes[(open + 1)..<first.start])
            trail = Array(bytes[last.value.range.upperBound..<close])
        } else {
            lead = style.isInLines ? style.lineEnd + own + style.unit : []
            trail = style.isInLines ? style.lineEnd + own : []
        }
        let gap =
            places.count > 1
            ? Array(bytes[places[0].value.range.upperBound..<places[1].start])
            : [UInt8(ascii: ",")] + (lead.isEmpty ? style.blank : lead)
        let indent = lead.lastIndex(of: UInt8(ascii: "\n")).map { Array(lead[($0 + 1)...]) }
        var text = [bytes[open]] + lead
        for (number, item) in items.enumerated() {
            switch item {
            case .kept(let index, let bytes):
                // It keeps the text before it, even after a new item.
                if number > 0 {
                    text +=
                        index > 0
                        ? self.bytes[places[index - 1].value.range.upperBound..<places[index].start] : gap[...]
                }
                text += bytes
            case .new(let value, let name):
                if number > 0 { text += gap }
                if let name { text += JSON.string(name).description.utf8 + style.colon }
                text += style.text(value, at: indent)
            }
        }
        return text + trail + [bytes[close]]
    }

    /// The indentation of the line of a position.
    private func indentation(of position: Int) -> [UInt8] {
        let line = bytes[..<position].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return Array(bytes[line..<position].prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") })
    }
}
