import FunctionCore

/// Values grouped by name, in the order in which the names first came.
struct Groups {
    private(set) var all: [(name: String, values: [String])] = []
    /// Keyed by bytes, because `String` compares by canonical equivalence.
    private var places: [[UInt8]: Int] = [:]

    init(_ headers: Headers) {
        for field in headers.fields { append(field.name.string, field.value.string) }
    }

    /// The parameters of a query, decoded.
    init(_ parameters: Parameters) {
        for parameter in parameters.all { append(parameter.name, parameter.value) }
    }

    /// The parameters of a query, not decoded.
    init(encoded query: String) {
        for parameter in query.utf8.split(separator: UInt8(ascii: "&")) {
            let name = parameter.prefix { $0 != UInt8(ascii: "=") }
            append(String(Substring(name)), String(Substring(parameter[name.endIndex...].dropFirst())))
        }
    }

    private mutating func append(_ name: String, _ value: String) {
        let bytes = Array(name.utf8)
        if let place = places[bytes] {
            all[place].values.append(value)
        } else {
            places[bytes] = all.count
            all.append((name, [value]))
        }
    }

    /// Writes `name` as an object of arrays.
    func writeMultiple(_ name: String, to json: inout JSONWriter) {
        json.name(name)
        json.object {
            for group in all {
                $0.name(group.name)
                $0.array { for value in group.values { $0.value(value) } }
            }
        }
    }

    /// Writes `name` as an object of each name's last value.
    func writeLast(_ name: String, to json: inout JSONWriter) {
        json.name(name)
        json.object { for group in all { $0.member(group.name, group.values.last ?? "") } }
    }

    /// Writes `name` as an object of each name's values, joined by commas.
    func writeJoined(_ name: String, to json: inout JSONWriter) {
        json.name(name)
        json.object { for group in all { $0.member(group.name, group.values.joined(separator: ",")) } }
    }
}
