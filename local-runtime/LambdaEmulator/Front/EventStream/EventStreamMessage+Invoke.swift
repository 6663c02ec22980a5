import FunctionCore

/// What InvokeWithResponseStream streams
/// (docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html).
extension EventStreamMessage {
    /// A piece of the function's answer.
    static func payloadChunk(_ bytes: some Collection<UInt8>) -> EventStreamMessage {
        event("PayloadChunk", "application/octet-stream", bytes)
    }

    /// The last message. `error` is what kept the answer from its end, `log` the end of the log if it was asked for.
    static func invokeComplete(_ error: FunctionError?, log: LogTail?) -> EventStreamMessage {
        var json = JSONWriter()
        json.object {
            if let error {
                $0.member("ErrorCode", FunctionError.code)
                $0.member("ErrorDetails", String(decoding: error.body, as: UTF8.self))
            }
            if let log { $0.member("LogResult", log.base64) }
        }
        return event("InvokeComplete", "application/json", json.finish())
    }

    private static func event(
        _ type: StaticString,
        _ contentType: StaticString,
        _ payload: some Collection<UInt8>
    ) -> EventStreamMessage {
        EventStreamMessage(
            [(":event-type", type), (":content-type", contentType), (":message-type", "event")],
            payload
        )
    }
}
