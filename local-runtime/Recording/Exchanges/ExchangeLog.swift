import FunctionCore

/// The latest exchanges, and the order of their changes. A change of an exchange that was dropped is ignored.
///
/// Times are milliseconds since 1970.
struct ExchangeLog: Sendable {
    static let capacity = 50

    /// Rises with every change.
    private(set) var revision = 0
    /// Oldest first; their numbers have no gaps.
    private var exchanges: [RecordedExchange] = []
    private var lastNumber = 0

    /// Adds a request and returns its number.
    mutating func begin(_ request: Request, at time: Int) -> Int {
        if exchanges.count == Self.capacity { exchanges.removeFirst() }
        revision += 1
        lastNumber += 1
        exchanges.append(
            RecordedExchange(
                number: lastNumber,
                revision: revision,
                start: time,
                method: request.method,
                path: request.path,
                query: request.query,
                headers: request.headers
            )
        )
        return lastNumber
    }

    mutating func read(_ bytes: [UInt8], of number: Int) {
        change(number) { $0.body.append(bytes) }
    }

    mutating func responded(_ response: Response, to number: Int) {
        change(number) {
            $0.response = .init(
                status: response.status,
                headers: response.headers,
                cause: response.cause,
                length: response.body.length
            )
            $0.state = .streaming
        }
    }

    mutating func written(_ bytes: [UInt8], of number: Int) {
        change(number) { $0.response?.body.append(bytes) }
    }

    /// The response's body ended or broke off.
    mutating func end(_ number: Int, _ state: RecordedExchange.State, at time: Int) {
        change(number) {
            $0.state = state
            $0.end = time
        }
    }

    /// The exchanges that changed after `revision`, in the order of their numbers.
    func changed(after revision: Int) -> [RecordedExchange] {
        exchanges.filter { $0.revision > revision }
    }

    private mutating func change(_ number: Int, _ body: (inout RecordedExchange) -> Void) {
        guard let first = exchanges.first?.number, number >= first else { return }
        revision += 1
        exchanges[number - first].revision = revision
        body(&exchanges[number - first])
    }
}
