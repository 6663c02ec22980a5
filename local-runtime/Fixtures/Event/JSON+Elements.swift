package import FunctionCore

extension [JSON] {
    /// What `read` makes of each element of an array, which stands at `pointer`.
    package func read<Value>(
        at pointer: JSONPointer,
        _ read: (JSON, JSONPointer) throws(JSONDocumentError) -> Value
    ) throws(JSONDocumentError) -> [Value] {
        var values: [Value] = []
        for (index, element) in enumerated() { values.append(try read(element, pointer.appending(index))) }
        return values
    }
}
