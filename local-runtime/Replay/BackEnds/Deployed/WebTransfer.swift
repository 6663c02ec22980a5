import Foundation
import FoundationNetworking
package import FunctionCore
package import FunctionEventLoop

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
