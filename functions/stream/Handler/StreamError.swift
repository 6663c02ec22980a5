import Function

/// What the function's own codes mean, for people.
enum StreamError {
    static func text(_ code: String, _ status: Status) -> String {
        switch code {
        case "invalid_token": "Unauthorized. Please provide a valid secret key."
        case "token_in_use": "The token is being used by another request. Please try again in a moment."
        case "invalid_billing": "No credits remaining. Please add credits to continue using the service."
        case "too_many_streams": "Too many streams are open. Please try again when one has ended."
        case "origin_not_allowed": "Pages of this origin may not open streams here."
        case "invalid_body": "Invalid variables. Expected a JSON object."
        case "workflow_not_found": "There is no such workflow."
        case "workflow_rejected": "The workflow does not accept these variables."
        case "workflow_busy": "The workflow has too much to do. Please try again in a moment."
        case "workflow_unavailable": "The workflow is not available."
        case "workflow_event_too_large": "An event of the workflow is too large."
        case "workflow_timeout": "The workflow did not answer in time."
        case "store_unavailable": "The stream could not be opened. Please try again in a moment."
        case "stream_too_long": "The stream has reached its longest duration."
        case "stream_interrupted": "The stream was interrupted."
        case "revoked": "The stream was revoked."
        case "method_not_allowed": "Method not allowed. Use POST, or GET for server-sent events."
        case "not_acceptable": "Not acceptable. A stream is text/plain or text/event-stream."
        default: ErrorText.of(code, status)
        }
    }
}
