import FunctionBytes
import FunctionCore
import FunctionEventLoop
import FunctionPlatforms

/// Asks the process that serves with the same settings whether it is ready: `--probe`, for health checks in an image
/// that holds only the function.
enum Probe {
    /// Longer than readiness waits for a Redis that does not reply, unless REDIS_TIMEOUT_MS exceeds it.
    private static let limit = Interval.seconds(5)

    /// Why the process is not ready, for the operator; nil if it is ready.
    static func failure(_ options: RuntimeOptions, limit: Interval = limit) -> String? {
        let contract = options.contract.contract
        guard contract != .lambda else {
            return "under the contract lambda nothing listens: the platform itself watches its functions"
        }
        guard options.fnSocket != nil || options.port != 0 else {
            return "PORT is 0: the port that the system picked is not known here"
        }
        let addresses = options.fnSocket.map { SocketAddress(path: $0.path).map { [$0] } ?? [] } ?? addresses(options)
        guard !addresses.isEmpty else { return "there is no address to connect to" }
        let places = addresses.map(\.description).joined(separator: " or ")
        let response: [UInt8]
        do throws(SystemError) {
            response = try BlockingExchange.exchange(request(contract), with: addresses, limit: limit)
        } catch {
            return "\(places): \(error)"
        }
        let head = Head(response)
        guard let status = contract == .fn ? head.innerStatus : head.status else {
            return "\(places): something other than this function listens there"
        }
        return status.utf8.elementsEqual("200".utf8) ? nil : "\(places): readiness returns \(status)"
    }

    /// The addresses to connect to. A process that listens on every address is reached on loopback.
    private static func addresses(_ options: RuntimeOptions) -> [SocketAddress] {
        let isEvery = options.host.map { ["0.0.0.0", "::"].contains($0) } ?? true
        let hosts = isEvery ? ["127.0.0.1", "::1"] : [options.host].compactMap(\.self)
        return hosts.compactMap { SocketAddress(ip: $0, port: UInt16(options.port)) }
    }

    private static func request(_ contract: Contract) -> [UInt8] {
        let path = "/health/readiness"
        var text = "GET \(path) HTTP/1.1\r\n"
        if contract == .fn, let call = FnCall.call(carrying: Request(path: path)) {
            text = "POST \(FnCall.path) HTTP/1.1\r\ncontent-length: 0\r\n"
            for field in call.headers.fields { text += "\(field.name.string): \(field.value.string)\r\n" }
        }
        return Array((text + "host: localhost\r\nconnection: close\r\n\r\n").utf8)
    }

    /// The statuses in the head of a response.
    private struct Head {
        /// The three digits; nil if the bytes are not an HTTP/1 response.
        var status: String?
        /// The status of the response inside Fn's.
        var innerStatus: String?

        init(_ response: [UInt8]) {
            let lines = response.split(separator: UInt8(ascii: "\n"))
            guard let first = lines.first, first.starts(with: "HTTP/1.".utf8) else { return }
            status = Self.digits(first.dropFirst("HTTP/1.1 ".utf8.count))
            let name = "fn-http-status: ".utf8
            innerStatus = lines.first { $0.starts(with: name) }.flatMap { Self.digits($0.dropFirst(name.count)) }
        }

        private static func digits(_ text: ArraySlice<UInt8>) -> String? {
            let digits = text.prefix(3)
            return digits.count == 3 && digits.allSatisfy(\.isDigit) ? String(decoding: digits, as: UTF8.self) : nil
        }
    }
}
