import FunctionCore

/// An event by its bytes: strings also count as equal that only mean the same characters.
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
