import Foundation
import FoundationNetworking
package import FunctionCore
package import FunctionEventLoop
import LocalRuntimeFixtures

/// Exchanges over URLSession, which speaks https and verifies certificates.
package final class WebTransfer: Sendable {
    private let receiver: WebReceiver
    private let session: URLSession

    /// Why there was no answer.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// `patience` is how long an exchange may take.
    package init(patience: Interval = .seconds(30)) {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.urlCache = nil
        configuration.urlCredentialStorage = nil
        configuration.httpMaximumConnectionsPerHost = 64
        // What it goes by is the time without any byte: a response that drips has no end by that.
        configuration.timeoutIntervalForRequest = 3600
        receiver = WebReceiver(patience: patience)
        session = URLSession(configuration: configuration, delegate: receiver, delegateQueue: nil)
    }

    deinit {
        session.invalidateAndCancel()
    }

    /// What `request` is answered by `url`, which holds its path and its query.
    package func response(to request: Request, at url: String) async throws -> Response {
        let task = session.dataTask(with: try await WebRequest(request, url).urlRequest)
        let answer = try await withTaskCancellationHandler {
            try await receiver.answer(to: task)
        } onCancel: {
            task.cancel()
        }
        return answer.response
    }
}

/// A request as URLSession sends it, if it sends it as it is.
struct WebRequest {
    let urlRequest: URLRequest

    /// Fields of the connection, and where it leads: they are URLSession's to set.
    private static let ofConnection: Set<Headers.Name> = [
        .host, .connection, .contentLength, .transferEncoding, "keep-alive", "proxy-connection", "te", "trailer",
        "upgrade",
    ]

    init(_ request: Request, _ text: String) async throws {
        guard let url = URL(string: text, encodingInvalidCharacters: false), url.absoluteString == text else {
            throw Skipped("URLSession takes no such path or query")
        }
        guard !Self.hasDotSegments(request.path) else { throw Skipped("URLSession resolves dots in a path") }
        let method = request.method.name
        guard method == method.uppercased() else { throw Skipped("URLSession sends methods in capitals") }
        var web = URLRequest(url: url)
        web.httpMethod = method
        let body = try await request.body.collect(upTo: EventReader.sizeLimit)
        if !body.isEmpty {
            guard method != "GET", method != "HEAD" else {
                throw Skipped("URLSession sends no body with \(method)")
            }
            web.httpBody = Data(body)
            // Else it says that it is a form; what it is is not known (RFC 9110, section 8.3).
            web.setValue("application/octet-stream", forHTTPHeaderField: "content-type")
        }
        var names: Set<Headers.Name> = []
        for field in request.headers.fields where !Self.ofConnection.contains(field.name) {
            guard names.insert(field.name).inserted else { throw Skipped("URLSession makes one field of repeats") }
            guard field.value.string.allSatisfy(\.isASCII) else {
                throw Skipped("URLSession sends other bytes for what is no ASCII in a field")
            }
            web.setValue(field.value.string, forHTTPHeaderField: field.name.string)
        }
        urlRequest = web
    }

    /// `.` and `..` between slashes, percent-encoded or not (RFC 3986, section 5.2.4).
    private static func hasDotSegments(_ path: String) -> Bool {
        path.split(separator: "/").contains { segment in
            [".", ".."].contains(segment.lowercased().replacingOccurrences(of: "%2e", with: "."))
        }
    }
}
