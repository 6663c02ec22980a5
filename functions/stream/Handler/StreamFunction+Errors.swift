public import Function

extension StreamFunction {
    /// Whether the function answers at that path, if only that there is a slash behind it.
    public static func answers(at path: String) -> Bool {
        StreamPath.workflowName(in: path) != nil || StreamPath.hasSlashBehind(path)
    }

    /// The answer for `code` where no request reached the handler.
    public func errorResponse(_ status: Status, _ code: String, _ request: Request?) -> Response {
        var response = Answer.error(status, code)
        options.allowedOrigins.expose(&response, to: request)
        return response
    }
}
