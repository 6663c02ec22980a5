import FunctionCore

/// An event's bytes, for exact comparison: strings also compare equal if they are only canonically equivalent.
struct EventBytes: Equatable {
    let type: [UInt8]?
    let data: [UInt8]
    let id: [UInt8]?
    let retry: Int?

    init(_ event: ServerSentEvent) {
        type = event.type.map { Array($0.utf8) }
        data = Array(event.data.utf8)
        id = event.id.map { Array($0.utf8) }
        retry = event.retry
    }
}
