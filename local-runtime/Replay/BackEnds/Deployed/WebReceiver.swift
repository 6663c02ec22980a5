import Foundation
import FoundationNetworking
import FunctionCore
import FunctionEventLoop
import LocalRuntimeFixtures

/// Takes what URLSession receives, apart by its tasks.
final class WebReceiver: NSObject, URLSessionDataDelegate {
    private let patience: Interval
    private let exchanges = Lock<[Int: Exchange]>([:])

    private struct Exchange {
        let continuation: CheckedContinuation<WebAnswer, any Error>
        var answer: WebAnswer?
        var count = 0
        /// Why it was cancelled from here.
        var refusal: WebTransfer.Failure?
    }

    init(patience: Interval) {
        self.patience = patience
    }

    /// Starts `task` and waits for its end.
    func answer(to task: URLSessionTask) async throws -> WebAnswer {
        let id = task.taskIdentifier
        let timer = DispatchSource.makeTimerSource()
        timer.schedule(deadline: .now() + .milliseconds(patience.milliseconds))
        timer.setEventHandler { [self, weak task] in
            refuse(id, "no whole answer within \(patience.milliseconds) ms")
            task?.cancel()
        }
        timer.activate()
        defer { timer.cancel() }
        return try await withCheckedThrowingContinuation { continuation in
            exchanges.withLock { $0[id] = Exchange(continuation: continuation) }
            task.resume()
        }
    }

    private func refuse(_ id: Int, _ reason: String) {
        exchanges.withLock { $0[id]?.refusal = WebTransfer.Failure(description: reason) }
    }

    /// An answer is what comes from where it was asked.
    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest,
        completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    func urlSession(
        _ session: URLSession,
        dataTask: URLSessionDataTask,
        didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        exchanges.withLock { $0[dataTask.taskIdentifier]?.answer = WebAnswer(response) }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let id = dataTask.taskIdentifier
        let count = exchanges.withLock { exchanges in
            exchanges[id]?.count += data.count
            exchanges[id]?.answer?.chunks.append(Array(data))
            return exchanges[id]?.count ?? 0
        }
        guard count > EventReader.sizeLimit else { return }
        refuse(id, "the answer has more than \(EventReader.sizeLimit) bytes")
        dataTask.cancel()
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        guard let exchange = exchanges.withLock({ $0.removeValue(forKey: task.taskIdentifier) }) else { return }
        if let refusal = exchange.refusal { return exchange.continuation.resume(throwing: refusal) }
        guard var answer = exchange.answer, (error as? URLError)?.code != .cancelled else {
            let reason = error?.localizedDescription ?? "no answer came"
            return exchange.continuation.resume(throwing: WebTransfer.Failure(description: reason))
        }
        answer.isComplete = error == nil
        exchange.continuation.resume(returning: answer)
    }
}

/// A response as it came.
struct WebAnswer: Sendable {
    let status: Status
    let headers: Headers
    var chunks: [[UInt8]] = []
    var isComplete = true

    /// Nil if it is none of HTTP.
    init?(_ response: URLResponse) {
        guard let response = response as? HTTPURLResponse else { return nil }
        status = Status(response.statusCode)
        var headers = Headers()
        for (name, value) in response.allHeaderFields {
            // Whatever else URLSession has made of a field is none.
            guard let name = name as? String, let name = Headers.Name(name), let value = value as? String,
                let value = Headers.Value(value.trimmingCharacters(in: .whitespaces))
            else { continue }
            headers.append(name, value)
        }
        self.headers = headers
    }

    var response: Response {
        let body = chunks.isEmpty && isComplete ? Body.empty : .received(chunks, isComplete: isComplete)
        return Response(status, headers: headers, body: body)
    }
}
